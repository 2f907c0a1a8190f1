//! The value of a resource inside a `Suspend`.

use leptos::{prelude::*, reactive::traits::IsDisposed};

/// The last completed value of `resource`; before the first one, waits for it.
///
/// `resource.await` also waits for a reload that is already under way. The `Suspend` has disposed the callbacks of the old view by
/// then, which stays on the page until the reload ends: a click there would panic.
///
/// Never resolves once the resource is disposed: an effect may run once more after its page was left.
pub async fn latest<T: Clone + Send + Sync + 'static>(resource: Resource<T>) -> T {
    // On the server there is no earlier value, and a read registers a second task with the suspense boundary.
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
