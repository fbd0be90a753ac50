//! HTTP: a request comes in whole, goes to the part of the API that it asks, and is answered.

use core::{convert::Infallible, future};
use std::{io, sync::Arc};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::{
    Method, Request, Response, StatusCode,
    body::Incoming,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{journal::Entry, stand_in::StandIn};

/// Bytes of the largest body that is read. Our own choice.
const LARGEST_BODY: usize = 1 << 20;

/// What is asked.
pub(super) struct Asked {
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) authorization: String,
    pub(super) content_type: String,
    pub(super) body: Bytes,
}

/// What is answered.
pub(super) enum Told {
    /// A status, and a body of JSON.
    Reply(u16, Value),
    /// Nothing, while the connection stays open.
    Silence,
    /// Nothing, and the connection ends.
    Cut,
}

impl Told {
    /// An error, in the form of the Conversation API's.
    pub(super) fn error(code: u16, message: &str) -> Self {
        let status = match code {
            400 => "INVALID_ARGUMENT",
            401 => "UNAUTHENTICATED",
            403 => "PERMISSION_DENIED",
            404 => "NOT_FOUND",
            429 => "RESOURCE_EXHAUSTED",
            501 => "UNIMPLEMENTED",
            503 => "UNAVAILABLE",
            _ => "INTERNAL",
        };
        let error = json!({"code": code, "message": message, "status": status, "details": []});
        Self::Reply(code, json!({ "error": error }))
    }

    fn status(&self) -> u16 {
        match self {
            Self::Reply(status, _) => *status,
            Self::Silence | Self::Cut => 0,
        }
    }
}

impl Asked {
    async fn read(request: Request<Incoming>) -> Option<Self> {
        let (head, body) = request.into_parts();
        let body = Limited::new(body, LARGEST_BODY).collect().await.ok()?;
        let header = |name| {
            let value = head.headers.get(name).map(HeaderValue::as_bytes);
            String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
        };
        Some(Self {
            path: head.uri.path().to_owned(),
            query: head.uri.query().unwrap_or_default().to_owned(),
            authorization: header(AUTHORIZATION),
            content_type: header(CONTENT_TYPE),
            method: head.method,
            body: body.to_bytes(),
        })
    }

    /// The body, which is JSON.
    pub(super) fn json(&self) -> Result<Value, Told> {
        if !self.content_type.starts_with("application/json") {
            return Err(Told::error(400, "the content type is not application/json"));
        }
        serde_json::from_slice(&self.body)
            .ok()
            .filter(Value::is_object)
            .ok_or_else(|| Told::error(400, "the body is no JSON object"))
    }

    /// The value of a parameter of the query, as it stands there.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let pairs = self
            .query
            .split('&')
            .filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(found, _)| *found == name)
            .map(|(_, value)| value)
            .next()
    }
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, stand_in: Arc<StandIn>) {
    loop {
        // What failed is one connection, or the system has no more of them for now.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let stand_in = Arc::clone(&stand_in);
        tokio::spawn(async move {
            let service = service_fn(|request| answer(request, Arc::clone(&stand_in)));
            let io = TokioIo::new(stream);
            let _ = http1::Builder::new().serve_connection(io, service).await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    stand_in: Arc<StandIn>,
) -> io::Result<Response<Full<Bytes>>> {
    let cut = || Err(io::ErrorKind::ConnectionAborted.into());
    let Some(asked) = Asked::read(request).await else {
        return cut();
    };
    match told(&asked, &stand_in).await {
        Told::Cut => cut(),
        Told::Silence => match future::pending::<Infallible>().await {},
        Told::Reply(status, value) => {
            let body = match &value {
                Value::Null => Bytes::new(),
                value => serde_json::to_vec(value).unwrap_or_default().into(),
            };
            let mut response = Response::new(Full::new(body));
            *response.status_mut() =
                StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, json);
            Ok(response)
        }
    }
}

async fn told(asked: &Asked, stand_in: &Arc<StandIn>) -> Told {
    let path: Vec<_> = asked.path.split('/').skip(1).collect();
    let is_sent = matches!(
        (&asked.method, path.as_slice()),
        (
            &Method::POST,
            ["v1", "projects", _, "messages:send"] | ["oauth2", "token"]
        )
    );
    let told = match path.as_slice() {
        ["oauth2", "token"] => stand_in.tokens.give(asked, &stand_in.journal),
        _ if !stand_in.tokens.know(&asked.authorization) => {
            Told::error(401, "the token is unknown or has expired")
        }
        ["v1", "projects", project, "messages:send"] => stand_in.send_message(project, asked).await,
        ["v1", "projects", _, "messages", id] => stand_in.message(asked, id),
        ["v1", "projects", project, "apps", app, "webhooks"] => {
            stand_in.webhooks.list(asked, project, app)
        }
        ["v1", "projects", project, "webhooks"] => stand_in.webhooks.create(asked, project),
        ["v1", "projects", project, "webhooks", id] => stand_in.webhooks.one(asked, project, id),
        ["xms", "v1", _, "batches"] => stand_in.send_batch(asked),
        ["xms", "v1", _, "batches", id, "delivery_report"] => stand_in.batch_report(asked, id),
        ["xms", "v1", _, "batches", id, "delivery_report", recipient] => {
            stand_in.recipient_report(asked, id, recipient)
        }
        ["xms", "v1", _, "delivery_reports"] => stand_in.finished_reports(asked),
        _ => Told::error(404, "there is nothing of this path"),
    };
    // Those two have entries of their own, unless it is the token that was refused.
    if !is_sent || (told.status() == 401 && path.first() == Some(&"v1")) {
        stand_in.journal.write(&Entry::Call {
            method: asked.method.as_str(),
            path: &asked.path,
            status: told.status(),
        });
    }
    told
}
