//! Views of what a resource loads: the `Suspend` inside a `Transition` or `Suspense`, and the value inside the `Suspend`.

use leptos::{prelude::*, reactive::traits::IsDisposed};

/// Returns the last loaded value of `resource`, stale while a reload is pending; waits only for the first load.
///
/// `resource.await` also waits for a pending reload. The rerun of the `Suspend` has disposed the event handlers of the old view by
/// then, and the old DOM stays until the reload completes: a click on it panics (decision 0024).
///
/// Never resolves if the resource is disposed: an effect may rerun between the disposal of its owner and its unmount.
pub async fn latest<T: Clone + Send + Sync + 'static>(resource: Resource<T>) -> T {
    // The server loads once, and `try_get` would register a second task with the suspense boundary.
    if cfg!(target_arch = "wasm32")
        && let Some(Some(value)) = resource.try_get()
    {
        return value;
    }
    if !resource.is_disposed() {
        let value = resource.await;
        if !resource.is_disposed() {
            return value;
        }
    }
    std::future::pending().await
}

/// The child of a `Transition` or `Suspense`: in the browser the closure reruns when a signal or resource that it reads changes.
#[cfg(not(feature = "ssr"))]
pub fn suspended<T, Fut>(mut view: impl FnMut() -> Fut + Send + 'static) -> impl IntoView
where
    T: RenderHtml + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    move || Suspend::new(view())
}

/// The child of a `Transition` or `Suspense`. The server calls the closure once, and renders once what it resolves to: the boundary
/// would call a closure each time it looks for resources and once more for rendering, and each call builds the whole page.
#[cfg(feature = "ssr")]
pub fn suspended<T, Fut>(mut view: impl FnMut() -> Fut + Send + 'static) -> impl IntoView
where
    T: RenderHtml + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let view = view();
    Suspend::new(async move { crate::settled::Settled(view.await) })
}
