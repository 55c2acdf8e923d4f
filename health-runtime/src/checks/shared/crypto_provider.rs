//! The TLS provider of the program, which the checks use and never choose.

use std::sync::Arc;

use rustls::crypto::CryptoProvider;

const REMEDY: &str = "install one with `rustls::crypto::CryptoProvider::install_default` before this, or enable the feature \
                      `aws-lc-rs` or `ring` of this crate";

/// Returns the default provider of the process, else the only one that is compiled into the program, else the one that a
/// feature of this crate selects. It installs no default, which is for the program alone to do.
///
/// # Errors
///
/// Returns a problem with a remedy if there is no provider, or if there are two of which none is selected.
pub(in crate::checks) fn crypto_provider() -> Result<Arc<CryptoProvider>, String> {
    if let Some(installed) = CryptoProvider::get_default() {
        return Ok(Arc::clone(installed));
    }
    select(compiled::aws_lc_rs(), compiled::ring()).map(Arc::new)
}

fn select(aws_lc_rs: Option<CryptoProvider>, ring: Option<CryptoProvider>) -> Result<CryptoProvider, String> {
    match (aws_lc_rs, ring) {
        (Some(aws_lc_rs), Some(_)) if cfg!(feature = "aws-lc-rs") => Ok(aws_lc_rs),
        (Some(_), Some(ring)) if cfg!(feature = "ring") => Ok(ring),
        (Some(_), Some(_)) => Err(format!("this program has two TLS providers and no default; {REMEDY}")),
        (Some(provider), None) | (None, Some(provider)) => Ok(provider),
        (None, None) => Err(format!("this program has no TLS provider; {REMEDY}")),
    }
}

/// The providers that are compiled into the program, because a crate of it enables a feature of rustls.
///
/// A `cfg` cannot see the features of another crate, but a path can: a glob import in a block shadows a name outside of it if
/// the imported module has that name. So `ring` in `fn ring` is the module of rustls, or the fallback if rustls has none.
mod compiled {
    use rustls::crypto::CryptoProvider;

    /// Converts what either module returns.
    trait Provider {
        fn compiled(self) -> Option<CryptoProvider>;
    }

    impl Provider for CryptoProvider {
        fn compiled(self) -> Option<CryptoProvider> {
            Some(self)
        }
    }

    /// What the fallbacks return.
    struct Missing;

    impl Provider for Missing {
        fn compiled(self) -> Option<CryptoProvider> {
            None
        }
    }

    /// Fallbacks, which are unused where rustls has the modules.
    #[allow(dead_code, reason = "a provider that is compiled in shadows its fallback")]
    mod fallback {
        pub(super) mod aws_lc_rs {
            pub(in super::super) const fn default_provider() -> super::super::Missing {
                super::super::Missing
            }
        }
        pub(super) mod ring {
            pub(in super::super) const fn default_provider() -> super::super::Missing {
                super::super::Missing
            }
        }
    }
    #[allow(unused_imports, reason = "a provider that is compiled in shadows its fallback")]
    use fallback::{aws_lc_rs, ring};

    pub(super) fn aws_lc_rs() -> Option<CryptoProvider> {
        #[allow(unused_imports, clippy::wildcard_imports, reason = "it has the module only with the feature of rustls")]
        use rustls::crypto::*;
        aws_lc_rs::default_provider().compiled()
    }

    pub(super) fn ring() -> Option<CryptoProvider> {
        #[allow(unused_imports, clippy::wildcard_imports, reason = "it has the module only with the feature of rustls")]
        use rustls::crypto::*;
        ring::default_provider().compiled()
    }
}

#[cfg(test)]
mod tests {
    use rustls::crypto::ring;

    use super::*;

    /// Two different providers.
    fn providers() -> [CryptoProvider; 2] {
        [1, 2].map(|suites| {
            let mut provider = ring::default_provider();
            provider.cipher_suites.truncate(suites);
            provider
        })
    }

    fn selected(aws_lc_rs: Option<CryptoProvider>, ring: Option<CryptoProvider>) -> Result<&'static str, String> {
        select(aws_lc_rs, ring).map(|provider| if provider.cipher_suites.len() == 1 { "aws-lc-rs" } else { "ring" })
    }

    #[test]
    fn the_only_provider_is_certain_and_without_one_there_is_a_remedy() {
        let [aws_lc_rs, ring] = providers();
        assert_eq!(selected(Some(aws_lc_rs), None), Ok("aws-lc-rs"));
        assert_eq!(selected(None, Some(ring)), Ok("ring"));
        let problem = "this program has no TLS provider; install one with `rustls::crypto::CryptoProvider::install_default` before \
                       this, or enable the feature `aws-lc-rs` or `ring` of this crate";
        assert_eq!(selected(None, None), Err(problem.to_owned()));
    }

    #[test]
    fn of_two_providers_a_feature_selects_one() {
        let [aws_lc_rs, ring] = providers().map(Some);
        let expected = if cfg!(feature = "aws-lc-rs") {
            Ok("aws-lc-rs")
        } else if cfg!(feature = "ring") {
            Ok("ring")
        } else {
            Err("this program has two TLS providers and no default; install one with \
                 `rustls::crypto::CryptoProvider::install_default` before this, or enable the feature `aws-lc-rs` or `ring` of this \
                 crate"
                .to_owned())
        };
        assert_eq!(selected(aws_lc_rs, ring), expected);
    }

    /// The unit tests have ring; aws-lc-rs only with the feature.
    #[test]
    fn the_compiled_providers_are_found() {
        assert!(compiled::ring().is_some());
        assert_eq!(compiled::aws_lc_rs().is_some(), cfg!(feature = "aws-lc-rs"));
    }
}
