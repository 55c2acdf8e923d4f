//! Every way to serve the endpoints responds alike. Each case is written once and runs on actix-web, on axum, on hyper and on both
//! kinds of the dedicated port.

mod differences;
mod probes;
pub(super) mod responses;
mod served;

macro_rules! run {
    ($server:ident: $($module:ident::$case:ident,)+) => {
        $(
            #[test]
            fn $case() {
                super::$module::$case::<super::served::$server>();
            }
        )+
    };
}

macro_rules! every_case {
    ($server:ident) => {
        run! { $server:
            responses::h1_every_response_has_the_same_headers_and_a_length,
            responses::h1_nothing_follows_the_declared_length,
            responses::h2_head_returns_the_headers_of_get,
            responses::h2_head_declares_the_length_of_the_body_that_get_sends,
            responses::h2_options_over_http_1_0_without_headers_is_a_get,
            responses::h2_other_methods_are_not_allowed_and_run_nothing,
            responses::h4_an_unknown_path_below_an_endpoint_is_not_found_and_runs_nothing,
            responses::h4_other_paths_are_those_of_the_application,
            probes::k9_each_kind_has_its_state,
            probes::l4_a_drain_stays,
            probes::l5_startup_passes_once,
            probes::s2_probes_at_once_share_one_run,
            probes::s4_a_client_that_disconnects_cancels_no_run,
            probes::r6_the_deadline_is_kept,
            differences::a1_every_server_responds_as_actix_web_does,
            differences::a1_conflicting_paths_respond_alike,
        }
    };
}

mod actix {
    every_case!(Actix);
}

mod axum {
    every_case!(Axum);
}

mod hyper {
    every_case!(Hyper);
}

mod listener {
    every_case!(ActixListener);
}

mod listener_over_hyper {
    every_case!(HyperListener);
}
