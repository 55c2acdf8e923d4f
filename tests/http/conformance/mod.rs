//! Every way to serve the endpoints responds alike. Each case is written once and runs on actix-web, on axum, on hyper and on both
//! kinds of the dedicated port.

mod differences;
mod formats;
mod kinds;
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
            formats::h3_the_accept_header_never_changes_the_code,
            formats::h5_bodies_equal_the_documented_ones,
            formats::h6_a_body_has_at_most_8192_bytes,
            formats::h7_special_characters_are_escaped,
            formats::h8_two_expose_levels_have_one_code,
            formats::h10_h11_every_body_validates_against_its_schema,
            formats::h12_text_lines_equal_those_of_kube_apiserver,
            kinds::k1_no_checks_are_healthy,
            kinds::k2_only_liveness_checks_decide_livez,
            kinds::k3_readiness_does_not_change_liveness,
            kinds::k4_readiness_is_503_until_startup_passes,
            kinds::k5_one_failed_liveness_check_of_two,
            kinds::k6_a_failure_does_not_short_circuit_other_checks,
            kinds::k7_each_endpoint_has_its_kind_and_health_has_all,
            kinds::k8_a_check_of_two_kinds_is_once_in_health,
            kinds::k10_a_failing_check_that_is_not_critical_is_200_and_degraded,
            kinds::k11_a_hundred_and_one_checks_keep_their_order,
            kinds::k13_details_are_exact_and_in_their_order,
            kinds::k14_without_a_cache_every_probe_runs_the_check,
            probes::k9_each_kind_has_its_state,
            probes::l3_startup_never_passes_after_a_drain_began,
            probes::l4_a_drain_stays,
            probes::l5_startup_passes_once,
            probes::l7_two_healths_in_one_process_are_independent,
            probes::s1_a_fresh_result_serves_every_path,
            probes::s3_runs_never_overlap_without_a_cache,
            probes::s10_a_background_check_is_unknown_before_its_first_result,
            probes::s13_exclude_affects_one_response,
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
