//! The authority behind the TLS door: a root certificate made at start, and one for each of the vendor's hosts as
//! it is asked for.
//!
//! Its key never leaves memory and ends with the process. The root says itself that it is good for the vendor's
//! domains only (RFC 5280, section 4.2.1.10), so that a client which trusts it trusts it for nothing else.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose,
    GeneralSubtree, IsCa, KeyPair, KeyUsagePurpose, NameConstraints, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use crate::clock::machine_secs;
use crate::places::{VENDOR_DOMAINS, vendor_host};

/// How long certificates are good for, in days: what browsers take at most.
const DAYS: u64 = 397;
/// Certificates kept. Beyond that they are made anew, so that names asked for fill no memory.
const KEPT: usize = 256;
/// Letters of a line of PEM.
const PEM_WIDTH: usize = 64;

/// The authority; gives each host of the vendor's its certificate.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    made: Mutex<BTreeMap<String, Arc<CertifiedKey>>>,
}

// The key must not be printed by accident.
impl std::fmt::Debug for Authority {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Authority")
    }
}

impl Authority {
    /// Makes a new one, good from yesterday on.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn generate() -> io::Result<Authority> {
        let mut root = params(Vec::new())?;
        root.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        root.distinguished_name
            .push(DnType::CommonName, "amoCRM emulator on this machine");
        let domains = VENDOR_DOMAINS.map(|domain| GeneralSubtree::DnsName(domain.to_owned()));
        root.name_constraints = Some(NameConstraints {
            permitted_subtrees: domains.to_vec(),
            excluded_subtrees: Vec::new(),
        });
        let key = KeyPair::generate().map_err(io::Error::other)?;
        Ok(Authority {
            issuer: CertifiedIssuer::self_signed(root, key).map_err(io::Error::other)?,
            made: Mutex::default(),
        })
    }

    /// The root certificate, for clients to trust (RFC 7468).
    pub fn pem(&self) -> String {
        let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
        let text = STANDARD.encode(self.issuer.der());
        for (n, letter) in text.chars().enumerate() {
            if n > 0 && n % PEM_WIDTH == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem.push_str("\n-----END CERTIFICATE-----\n");
        pem
    }

    fn certificate(&self, host: &str) -> io::Result<Arc<CertifiedKey>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.get(host) {
            return Ok(Arc::clone(known));
        }
        let fresh = Arc::new(self.issue(host)?);
        if made.len() >= KEPT {
            made.clear();
        }
        made.insert(host.to_owned(), Arc::clone(&fresh));
        Ok(fresh)
    }

    fn issue(&self, host: &str) -> io::Result<CertifiedKey> {
        let mut leaf = params(vec![host.to_owned()])?;
        leaf.distinguished_name.push(DnType::CommonName, host);
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate().map_err(io::Error::other)?;
        let signed = leaf
            .signed_by(&key, &self.issuer)
            .map_err(io::Error::other)?;
        let secret = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let secret = aws_lc_rs::sign::any_supported_type(&secret).map_err(io::Error::other)?;
        Ok(CertifiedKey::new(vec![signed.der().clone()], secret))
    }
}

fn params(names: Vec<String>) -> io::Result<CertificateParams> {
    let mut params = CertificateParams::new(names).map_err(io::Error::other)?;
    // Without this the library names itself as the subject.
    params.distinguished_name = rcgen::DistinguishedName::new();
    let now = u64::try_from(machine_secs()).unwrap_or_default();
    let day = Duration::from_secs(24 * 60 * 60);
    let now = date_time_ymd(1970, 1, 1) + Duration::from_secs(now);
    params.not_before = now - day;
    params.not_after = now + day * u32::try_from(DAYS).unwrap_or(1);
    Ok(params)
}

impl ResolvesServerCert for Authority {
    /// The certificate of the host that the client named; none for any host but the vendor's, which ends the
    /// handshake.
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.to_ascii_lowercase();
        vendor_host(&host)?;
        match self.certificate(&host) {
            Ok(certificate) => Some(certificate),
            Err(error) => {
                tracing::error!(%error, "no certificate could be made");
                None
            }
        }
    }
}

/// The server's side of TLS under this authority. HTTP/1.1 only, as the server behind it.
///
/// # Errors
/// When the machine's crypto refuses.
pub fn server_config(authority: Arc<Authority>) -> io::Result<ServerConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?
        .with_no_client_auth()
        .with_cert_resolver(authority);
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_kept_and_do_not_pile_up() {
        let authority = Authority::generate().unwrap();
        let first = authority.certificate("a.amocrm.ru").unwrap();
        assert!(Arc::ptr_eq(
            &first,
            &authority.certificate("a.amocrm.ru").unwrap()
        ));
        for n in 0..KEPT {
            authority.certificate(&format!("n{n}.kommo.com")).unwrap();
        }
        assert!(authority.made.lock().unwrap().len() <= KEPT);
        assert!(authority.pem().starts_with("-----BEGIN CERTIFICATE-----"));
    }
}
