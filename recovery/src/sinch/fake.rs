//! A client that gives the answers it was made with, for tests.

use std::{collections::VecDeque, sync::Mutex};

use super::http::{ExchangeError, HttpClient, HttpRequest, HttpResponse};

type Answer = Result<HttpResponse, ExchangeError>;

pub(super) fn answered(status: u16, body: &str) -> Answer {
    Ok(HttpResponse {
        status,
        body: body.into(),
    })
}

pub(super) struct Fake {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<HttpRequest>>,
    is_slow: bool,
}

impl Fake {
    pub(super) fn of(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            answers: Mutex::new(answers.into_iter().collect()),
            asked: Mutex::default(),
            is_slow: false,
        }
    }

    /// Lets everybody else go on before it answers.
    pub(super) fn slow(self) -> Self {
        Self {
            is_slow: true,
            ..self
        }
    }

    pub(super) fn asked(&self) -> Vec<HttpRequest> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpClient for Fake {
    async fn exchange(&self, request: HttpRequest) -> Answer {
        self.asked.lock().unwrap().push(request);
        if self.is_slow {
            for _ in 0..10 {
                tokio::task::yield_now().await;
            }
        }
        let answer = self.answers.lock().unwrap().pop_front();
        answer.expect("an answer for each request")
    }
}
