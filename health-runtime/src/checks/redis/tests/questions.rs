//! Optional questions, and connections to a server in the wrong role.

use std::sync::Mutex;

use super::*;

const OTHER: &str = "*6\r\n$4\r\nmode\r\n$7\r\ncluster\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$2\r\nid\r\n:7\r\n";

/// Starts a server with a response to each command of a connection, or none, or an end of the connection. It also returns the
/// commands that it receives.
fn scripted(respond: impl Fn(usize, &str) -> Option<String> + Send + Sync + 'static) -> (FakeServer, Arc<Mutex<Vec<String>>>) {
    let commands = Arc::<Mutex<Vec<String>>>::default();
    let received = Arc::clone(&commands);
    let server = FakeServer::start(move |number, mut connection| {
        while let Some(command) = read_command(&mut connection) {
            received.lock().unwrap().push(command.clone());
            match respond(number, &command) {
                Some(response) => connection.send(response),
                None => return,
            }
        }
    });
    (server, commands)
}

fn count(commands: &Mutex<Vec<String>>, command: &str) -> usize {
    commands.lock().unwrap().iter().filter(|received| *received == command).count()
}

/// Returns the response of a master to a command.
fn master(command: &str) -> String {
    match command {
        "PING" => "+PONG\r\n",
        "HELLO" => MASTER,
        "SETRANGE" => ":0\r\n",
        _ => "+OK\r\n",
    }
    .to_owned()
}

#[tokio::test]
async fn a_proxy_that_closes_the_connection_after_a_question_is_up() {
    for question in ["HELLO", "SETRANGE"] {
        let (server, commands) = scripted(move |_, command| (command != question).then(|| master(command)));
        let redis = builder(&server).needs_writes().build().unwrap();
        for _ in 0..5 {
            assert_eq!(summary(&redis.run().await), "Up, loading false", "{question}");
        }
        assert_eq!((server.connections(), count(&commands, question), count(&commands, "PING")), (2, 1, 6), "{question}");
    }
}

#[tokio::test]
async fn a_proxy_that_does_not_respond_to_a_question_is_up() {
    for question in ["HELLO", "SETRANGE"] {
        let respond = move |_, command: &str| Some(if command == question { String::new() } else { master(command) });
        let (server, commands) = scripted(respond);
        let redis = builder(&server).needs_writes().build().unwrap();
        for _ in 0..5 {
            assert_eq!(summary(&redis.run().await), "Up, loading false", "{question}");
        }
        assert_eq!((server.connections(), count(&commands, question)), (2, 1), "{question}");
    }
}

#[tokio::test]
async fn a_question_that_is_refused_is_not_repeated() {
    for refusal in ["-ERR unknown command\r\n", "-NOPERM no permissions to run it\r\n", "-unsupported command\r\n"] {
        for (question, details) in [
            ("HELLO", "loading false"),
            ("SETRANGE", r#"role "master", loading false"#),
            ("CLUSTER", r#"role "master", loading false"#),
        ] {
            let (server, commands) = scripted(move |_, command| {
                Some(match command {
                    command if command == question => refusal.to_owned(),
                    "HELLO" => OTHER.to_owned(),
                    command => master(command),
                })
            });
            let redis = builder(&server).needs_writes().build().unwrap();
            for _ in 0..5 {
                assert_eq!(summary(&redis.run().await), format!("Up, {details}"), "{question} {refusal}");
            }
            assert_eq!((server.connections(), count(&commands, question)), (1, 1), "{question} {refusal}");
        }
    }
}

#[tokio::test]
async fn with_a_manager_a_question_that_closes_the_connection_is_not_repeated() {
    let (server, commands) = scripted(|_, command| (command != "HELLO").then(|| master(command)));
    let manager = ConnectionManager::new(client(&server.address())).await.unwrap();
    let redis = builder(&server).manager(manager).build().unwrap();
    for _ in 0..3 {
        assert_eq!(summary(&redis.run().await), "Up, loading false");
    }
    assert_eq!(count(&commands, "HELLO"), 2);
}

#[tokio::test]
async fn the_response_to_a_write_decides_if_writes_are_needed() {
    let details = r#"role "master", loading false"#;
    for (response, expected) in [
        (":0", "Up"),
        ("+QUEUED", "Up"),
        ("-WRONGTYPE Operation against a key holding the wrong kind of value", "Up"),
        ("-MOVED 866 10.0.0.7:6379", "Up"),
        ("-ASK 866 10.0.0.7:6379", "Up"),
        ("-TRYAGAIN Multiple keys request during rehashing of slot", "Up"),
        ("-READONLY You can't write against a read only replica.", "Down: read-only replica"),
        ("-OOM command not allowed when used memory > 'maxmemory'.", "Down: out of memory"),
        ("-NOREPLICAS Not enough good replicas to write.", "Down: too few replicas"),
        ("-MISCONF Redis is configured to save RDB snapshots", "Down: cannot save to disk"),
        ("-CLUSTERDOWN Hash slot not served", "Down: cluster is down"),
        ("-QUOTA exceeded", "Down: writes are rejected"),
    ] {
        let (server, commands) =
            scripted(move |_, command| Some(if command == "SETRANGE" { format!("{response}\r\n") } else { master(command) }));
        let outcome = builder(&server).needs_writes().build().unwrap().run().await;
        assert_eq!(summary(&outcome), format!("{expected}, {details}"), "{response}");
        for builder in [builder(&server), builder(&server).reads_only()] {
            assert_eq!(summary(&builder.build().unwrap().run().await), format!("Up, {details}"), "{response}");
        }
        assert_eq!(count(&commands, "SETRANGE"), 1, "{response}");
    }
}

#[tokio::test]
async fn the_settings_decide_the_status_of_a_server_that_cannot_save() {
    let server = server_with("-MISCONF Redis is configured to save RDB snapshots\r\n", MASTER);
    let details = r#"role "master", loading false"#;
    let run = async |builder: RedisBuilder| summary(&builder.build().unwrap().run().await);
    assert_eq!(run(builder(&server)).await, format!("Degraded: cannot save to disk, {details}"));
    assert_eq!(run(builder(&server).needs_writes()).await, format!("Down: cannot save to disk, {details}"));
    assert_eq!(run(builder(&server).reads_only()).await, format!("Up, {details}"));
}

#[tokio::test]
async fn a_member_of_a_failed_cluster_is_down() {
    for (state, expected) in [
        ("cluster_enabled:1\r\ncluster_state:ok\r\n", "Up"),
        ("cluster_state:fail\r\ncluster_slots_assigned:0\r\n", "Down: cluster is down"),
        ("cluster_state:fail-over\r\n", "Up"),
        ("", "Up"),
    ] {
        let (server, commands) = scripted(move |_, command| {
            Some(match command {
                "CLUSTER" => format!("${}\r\n{state}\r\n", state.len()),
                "HELLO" => OTHER.to_owned(),
                command => master(command),
            })
        });
        for builder in [builder(&server), builder(&server).reads_only(), builder(&server).needs_writes()] {
            let redis = builder.build().unwrap();
            for _ in 0..2 {
                assert_eq!(summary(&redis.run().await), format!(r#"{expected}, role "master", loading false"#), "{state:?}");
            }
        }
        assert_eq!(count(&commands, "CLUSTER"), 6, "{state:?}");
    }
}

/// The first connection leads to the old master, later ones to the new one.
#[tokio::test]
async fn a_kept_connection_is_replaced_when_its_server_rejects_writes() {
    for (question, response) in [
        ("HELLO", REPLICA),
        ("SETRANGE", "-READONLY You can't write against a read only replica.\r\n"),
        ("SETRANGE", "-NOREPLICAS Not enough good replicas to write.\r\n"),
        ("PING", LOADING),
    ] {
        let runs = AtomicUsize::new(0);
        let (server, _) = scripted(move |number, command| {
            let run = if command == "PING" && number == 1 {
                runs.fetch_add(1, Ordering::SeqCst) + 1
            } else {
                runs.load(Ordering::SeqCst)
            };
            let is_demoted = number == 1 && run > 1 && command == question;
            Some(if is_demoted { response.to_owned() } else { master(command) })
        });
        let redis = builder(&server).needs_writes().build().unwrap();
        for connections in [1, 2, 2] {
            assert_eq!(summary(&redis.run().await), r#"Up, role "master", loading false"#, "{response}");
            assert_eq!(server.connections(), connections, "{response}");
        }
    }
}

#[tokio::test]
async fn a_connection_to_a_replica_is_not_kept_unless_it_is_up() {
    for (number_of_replicas, reads_only, connections) in [(1, false, [1, 2, 2]), (2, false, [1, 2, 3]), (3, true, [1, 1, 1])] {
        let (server, _) = scripted(move |number, command| {
            Some(if command == "HELLO" && number <= number_of_replicas { REPLICA.to_owned() } else { master(command) })
        });
        let builder = if reads_only { builder(&server).reads_only() } else { builder(&server) };
        let redis = builder.build().unwrap();
        for expected in connections {
            let _ = redis.run().await;
            assert_eq!(server.connections(), expected, "{number_of_replicas} {reads_only}");
        }
    }
}
