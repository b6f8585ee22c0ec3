//! Names to addresses, with the check that no address is private. The HTTP client connects to what comes out of here
//! and to nothing else, so that an answer that changes between check and connection changes nothing.

use super::address;
use arc_swap::ArcSwap;
use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A connection that is not allowed.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{host}` is at {address}, which is not on the public internet; \
     to allow it, name its range in `[network] allow_private`"
)]
pub(in crate::plugin) struct PrivateAddress {
    /// As asked for.
    host: String,
    /// The first address that is not allowed.
    address: IpAddr,
}

/// Looks names up and refuses private addresses.
#[derive(Clone)]
pub(in crate::plugin) struct Resolver {
    /// What the operator allows; replaced when the configuration is.
    pub(in crate::plugin) allowed: Arc<ArcSwap<Vec<IpNet>>>,
}

impl Resolver {
    /// Checks one host's addresses. One private among them refuses all: a mixed answer is an attack or a mistake.
    ///
    /// # Errors
    /// [`PrivateAddress`].
    pub(in crate::plugin) fn check(
        &self,
        host: &str,
        found: &[IpAddr],
    ) -> Result<(), PrivateAddress> {
        let allowed = self.allowed.load();
        match found.iter().find(|found| !address::is_allowed(**found, &allowed)) {
            Some(address) => Err(PrivateAddress { host: host.to_owned(), address: *address }),
            None => Ok(()),
        }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let found: Vec<SocketAddr> =
                tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let addresses: Vec<IpAddr> = found.iter().map(SocketAddr::ip).collect();
            resolver.check(name.as_str(), &addresses)?;
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_private_address_among_public_ones_refuses_all() {
        let resolver = Resolver { allowed: Arc::default() };
        let (public, private) = ("8.8.8.8".parse().expect("v4"), "127.0.0.1".parse().expect("v4"));
        assert!(resolver.check("a.example", &[public]).is_ok());
        let refused = resolver.check("a.example", &[public, private]).expect_err("mixed");
        assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
        resolver.allowed.store(Arc::new(vec!["127.0.0.0/8".parse().expect("a range")]));
        assert!(resolver.check("a.example", &[public, private]).is_ok());
    }
}
