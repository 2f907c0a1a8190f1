//! Protocol of the server functions: as `server_fn::Http` on the wire and on the server. In the browser only the encoding of the
//! arguments and the decoding of the answer are compiled for each function; `Http` compiles the whole request for each.

use crate::AppError;
use leptos::server_fn::{
    Http, Protocol,
    client::Client,
    codec::{Encoding, Json, PostUrl},
    error::{FromServerFnError, ServerFnErrorErr},
    server::Server,
};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::{marker::PhantomData, pin::Pin};

/// A function whose answer comes from the server: `#[server(protocol = Fetched)]`, `Fetched<Json>` for arguments as JSON.
pub type Fetched<Arguments = PostUrl> = Call<Network, Arguments>;

pub struct Call<Source, Arguments>(PhantomData<(Source, Arguments)>);

/// Without a store.
pub struct Network;

/// Body of a request.
pub struct Body {
    pub content_type: &'static str,
    pub text: String,
}

/// Status and body of an answer.
pub struct Answered {
    pub status: u16,
    pub text: String,
}

pub type Answer = Pin<Box<dyn Future<Output = Result<Answered, String>>>>;

/// Where an answer comes from. Fails with the reason when none comes.
pub trait Source {
    fn ask(path: String, body: Body) -> Answer;
}

impl Source for Network {
    fn ask(path: String, body: Body) -> Answer {
        Box::pin(async move {
            let request = request(&path, &body)?;
            let response = request.send().await.map_err(|e| e.to_string())?;
            Ok(Answered { status: response.status(), text: response.text().await.map_err(|e| e.to_string())? })
        })
    }
}

/// The request of a function.
pub(super) fn request(path: &str, body: &Body) -> Result<gloo_net::http::Request, String> {
    let request = gloo_net::http::Request::post(path).header("content-type", body.content_type).header("accept", "application/json");
    request.body(&body.text).map_err(|e| e.to_string())
}

/// Encoding of arguments.
pub trait Written: Encoding {
    fn written(arguments: &impl Serialize) -> Result<Body, String>;
}

impl Written for Json {
    fn written(arguments: &impl Serialize) -> Result<Body, String> {
        Ok(Body { content_type: "application/json", text: serde_json::to_string(arguments).map_err(|e| e.to_string())? })
    }
}

impl Written for PostUrl {
    fn written(arguments: &impl Serialize) -> Result<Body, String> {
        Ok(Body { content_type: "application/x-www-form-urlencoded", text: serde_qs::to_string(arguments).map_err(|e| e.to_string())? })
    }
}

/// The body of an answer, or the error that it is.
async fn text(path: String, body: Result<Body, String>, ask: fn(String, Body) -> Answer) -> Result<String, AppError> {
    let body = body.map_err(|e| AppError::from_server_fn_error(ServerFnErrorErr::Serialization(e)))?;
    let answer = ask(path, body).await.map_err(|e| AppError::from_server_fn_error(ServerFnErrorErr::Request(e)))?;
    if (400..=599).contains(&answer.status) { Err(AppError::de(answer.text.into())) } else { Ok(answer.text) }
}

fn read<T: DeserializeOwned>(text: &str) -> Result<T, AppError> {
    serde_json::from_str(text).map_err(|e| AppError::from_server_fn_error(ServerFnErrorErr::Deserialization(e.to_string())))
}

impl<From, Arguments, Input, Output, C, S> Protocol<Input, Output, C, S, AppError> for Call<From, Arguments>
where
    From: Source,
    Arguments: Written,
    Input: Serialize,
    Output: DeserializeOwned,
    C: Client<AppError>,
    S: Server<AppError>,
    Http<Arguments, Json>: Protocol<Input, Output, C, S, AppError>,
{
    const METHOD: http::Method = Arguments::METHOD;

    fn run_server<F, Fut>(request: S::Request, server_fn: F) -> impl Future<Output = Result<S::Response, AppError>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, AppError>> + Send,
    {
        Http::<Arguments, Json>::run_server(request, server_fn)
    }

    fn run_client(path: &str, input: Input) -> impl Future<Output = Result<Output, AppError>> + Send {
        let answer = Box::pin(text(path.to_owned(), Arguments::written(&input), From::ask));
        SendWrapper::new(async move { read(&answer.await?) })
    }
}
