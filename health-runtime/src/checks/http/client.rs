//! The client of a check: its own, or one of the application.

use super::given_client::GivenClient;
use super::own_client::OwnClient;
use super::probe::HttpProbe;
use crate::core::model::outcome::Outcome;

/// What the runs of one check share.
pub(super) struct HttpTarget {
    pub(super) probe: HttpProbe,
    pub(super) client: Client,
}

pub(super) enum Client {
    Own(OwnClient),
    Given(GivenClient),
}

impl HttpTarget {
    /// Runs the check. A response other than the expected one is an error.
    pub(super) async fn run(&self) -> Result<Outcome, Outcome> {
        match &self.client {
            Client::Own(client) => client.run(&self.probe).await,
            Client::Given(client) => client.run(&self.probe).await,
        }
    }
}
