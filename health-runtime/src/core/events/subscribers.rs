//! Sends transitions to subscribers in the order in which they were published.
//!
//! Sending wakes subscribers, and a waker is code of their executor. So a transition is queued under the lock of the publisher and
//! sent without it, by one thread at a time: a thread that finds another one sending leaves its transitions to it.

use std::collections::VecDeque;

use tokio::sync::broadcast;

use super::contain::contain_panic;
use super::{CHANNEL_CAPACITY, Transition, Transitions};

/// The subscribers, and what they have not received yet. Guarded by the lock of the publisher.
#[derive(Default)]
pub(super) struct Subscribers {
    /// Created for the first subscriber: its buffer takes 80 kB.
    sender: Option<broadcast::Sender<Transition>>,
    unsent: VecDeque<Transition>,
    /// The number of transitions that were dropped because a waker hangs.
    dropped: u64,
    is_sending: bool,
    closed: bool,
}

/// Transitions to send, without a lock. Call [`Subscribers::next_batch`] again afterwards.
pub(super) struct Batch {
    sender: broadcast::Sender<Transition>,
    transitions: VecDeque<Transition>,
}

impl Subscribers {
    pub(super) fn subscribe(&mut self) -> Transitions {
        if self.closed {
            return Transitions(broadcast::Sender::new(1).subscribe());
        }
        Transitions(self.sender.get_or_insert_with(|| broadcast::Sender::new(CHANNEL_CAPACITY)).subscribe())
    }

    /// Queues a transition, if there is a subscriber.
    pub(super) fn push(&mut self, transition: impl FnOnce() -> Transition) {
        if self.sender.is_none() {
            return;
        }
        if self.unsent.len() == CHANNEL_CAPACITY {
            self.unsent.pop_front();
            self.dropped += 1;
        }
        self.unsent.push_back(transition());
    }

    /// Returns what this thread must send now. `sent`: it has sent the previous batch.
    pub(super) fn next_batch(&mut self, sent: bool) -> Option<Batch> {
        if self.is_sending && !sent {
            return None;
        }
        self.is_sending = !self.unsent.is_empty();
        let mut transitions = std::mem::take(&mut self.unsent);
        let dropped = std::mem::take(&mut self.dropped);
        if dropped > 0 {
            transitions.push_front(Transition::Lagged(dropped));
        }
        let sender = if self.closed && !self.is_sending { self.sender.take() } else { self.sender.clone() }?;
        (self.closed || self.is_sending).then_some(Batch { sender, transitions })
    }

    /// Ends every subscription after what was queued. Call [`next_batch`](Self::next_batch) afterwards.
    pub(super) fn close(&mut self) {
        self.closed = true;
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed
    }
}

impl Batch {
    pub(super) fn send(self) {
        let Self { sender, transitions } = self;
        for transition in transitions {
            // Without a subscriber there is no receiver, which is not an error.
            contain_panic(|| drop(sender.send(transition)));
        }
        // The last sender wakes the subscribers, which end.
        contain_panic(|| drop(sender));
    }
}
