//! Listening: a bound address, TLS when the plan has it, limits against slow senders, a graceful end.

use super::doors::Doors;
use crate::config::{Plan, TlsPlan};
use axum_server::Handle;
use axum_server::tls_rustls::{RustlsAcceptor, RustlsConfig};
use hyper_util::rt::TokioTimer;
use rustls::ServerConfig;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// The head of a request arrives within this time, or the connection is closed.
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// A TLS handshake ends within this time.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Requests under way may end within this time after the stop was asked for.
const DRAIN: Duration = Duration::from_secs(10);
/// All headers of a request, in bytes.
const HEAD_MAX_BYTES: usize = 32 << 10;
/// How often histograms are folded when nobody asks for them.
const UPKEEP: Duration = Duration::from_secs(5);

/// Why we do not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// Somebody else has the port.
    #[error(
        "port in use: another program listens on {0}; stop it, or set another `listen` address"
    )]
    InUse(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {address}: {source}; set another `listen` address")]
    Bind {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// Certificate or key cannot be used.
    #[error("[tls] {path}: {why}; expected {expected} in PEM")]
    Tls {
        /// Which file.
        path: String,
        /// What is wrong.
        why: String,
        /// What it should hold.
        expected: &'static str,
    },
    /// Listening ended by itself.
    #[error("the server stopped: {0}")]
    Stopped(#[source] std::io::Error),
}

/// A bound address that nothing is served on yet.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<RustlsConfig>,
}

/// Binds the plan's address and reads its certificate, so that mistakes show before anything else starts.
///
/// # Errors
/// See [`ServerError`].
pub fn bind(plan: &Plan) -> Result<Listening, ServerError> {
    let tls = plan.tls.as_ref().map(tls).transpose()?;
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::AddrInUse => ServerError::InUse(plan.listen),
        _ => ServerError::Bind { address: plan.listen, source },
    };
    let listener = TcpListener::bind(plan.listen).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Listening { listener, address, tls })
}

impl Listening {
    /// Where; with the real port when the plan said 0.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop`, then lets requests under way end.
    ///
    /// # Errors
    /// `Stopped` when listening ended by itself.
    pub async fn serve(
        self,
        doors: Arc<Doors>,
        stop: CancellationToken,
    ) -> Result<(), ServerError> {
        let metrics = doors.metrics.clone();
        let app = super::router(doors).into_make_service();
        let handle = Handle::new();
        let mut plain = axum_server::from_tcp(self.listener)
            .map_err(ServerError::Stopped)?
            .handle(handle.clone());
        plain
            .http_builder()
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(HEAD_MAX_BYTES);
        plain
            .http_builder()
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD_MAX_BYTES as u32);
        let serving = async move {
            match self.tls {
                None => plain.serve(app).await,
                Some(config) => {
                    let acceptor = RustlsAcceptor::new(config).handshake_timeout(HANDSHAKE_TIMEOUT);
                    plain.acceptor(acceptor).serve(app).await
                }
            }
        };
        let mut serving = std::pin::pin!(serving);
        let mut upkeep = tokio::time::interval(UPKEEP);
        let mut stopping = false;
        loop {
            tokio::select! {
                ended = &mut serving => return ended.map_err(ServerError::Stopped),
                () = stop.cancelled(), if !stopping => {
                    stopping = true;
                    handle.graceful_shutdown(Some(DRAIN));
                }
                _ = upkeep.tick() => metrics.run_upkeep(),
            }
        }
    }
}

fn tls(plan: &TlsPlan) -> Result<RustlsConfig, ServerError> {
    const CHAIN: &str = "a certificate chain";
    const KEY: &str = "a private key";
    let failed = |path: &Path, expected: &'static str, why: &dyn std::fmt::Display| {
        ServerError::Tls { path: path.display().to_string(), why: why.to_string(), expected }
    };
    let chain = CertificateDer::pem_file_iter(&plan.certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed(&plan.certificate, CHAIN, &error))?;
    if chain.is_empty() {
        return Err(failed(&plan.certificate, CHAIN, &"it holds no certificate"));
    }
    let key =
        PrivateKeyDer::from_pem_file(&plan.key).map_err(|error| failed(&plan.key, KEY, &error))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(&plan.certificate, CHAIN, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| failed(&plan.key, KEY, &error))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}
