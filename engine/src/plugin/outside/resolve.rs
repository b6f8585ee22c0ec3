//! Names to addresses, with the check that no address is private. The HTTP client connects to what comes out of here
//! and to nothing else, so that an answer that changes between check and connection changes nothing.

use super::address;
use arc_swap::ArcSwap;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
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

/// What a name is looked up in.
pub(in crate::plugin) type Names = Arc<dyn Fn(String) -> BoxFuture<'static, Found> + Send + Sync>;
type Found = std::io::Result<Vec<SocketAddr>>;

/// The names of this machine and its name servers.
pub(in crate::plugin) fn of_the_system() -> Names {
    Arc::new(|name| {
        async move { Ok(tokio::net::lookup_host((name.as_str(), 0)).await?.collect()) }.boxed()
    })
}

/// Looks names up and refuses private addresses.
#[derive(Clone)]
pub(in crate::plugin) struct Resolver {
    /// Tests put names of their own here.
    pub(in crate::plugin) names: Names,
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
            let found = (resolver.names)(name.as_str().to_owned()).await?;
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
        let resolver = Resolver { names: of_the_system(), allowed: Arc::default() };
        let (public, private) = ("8.8.8.8".parse().expect("v4"), "127.0.0.1".parse().expect("v4"));
        assert!(resolver.check("a.example", &[public]).is_ok());
        let refused = resolver.check("a.example", &[public, private]).expect_err("mixed");
        assert!(refused.to_string().contains("127.0.0.1"), "{refused}");
        resolver.allowed.store(Arc::new(vec!["127.0.0.0/8".parse().expect("a range")]));
        assert!(resolver.check("a.example", &[public, private]).is_ok());
    }
}
