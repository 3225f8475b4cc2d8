//! Who may talk to whom.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair as Key};
use rpc::client::{Writers, leader};
use rpc::tls::{ClientTls, KeyPair, ServerTls};
use tempfile::TempDir;

use crate::play::{BOOK, Process, in_time};

/// Somebody who signs certificates, and the files that come of it.
struct Authority {
    issuer: CertifiedIssuer<'static, Key>,
    folder: TempDir,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, Key::generate().unwrap()).unwrap();
        let authority = Self { issuer, folder: tempfile::tempdir().unwrap() };
        authority.write("ca.pem", &authority.issuer.pem());
        authority
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn pair(&self, name: &str) -> KeyPair {
        let key = Key::generate().unwrap();
        let params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        KeyPair {
            certificate: self.write(&format!("{name}.pem"), &certificate.pem()),
            key: self.write(&format!("{name}.key"), &key.serialize_pem()),
        }
    }
}

/// Whether a client that has this is answered.
async fn is_answered(process: &Process, tls: Option<&ClientTls>) -> bool {
    let writers = Writers::new(vec![process.address.to_string()], tls).unwrap();
    in_time(leader(&writers, BOOK)).await.is_some()
}

#[tokio::test]
async fn a_server_is_known_by_its_certificate() {
    let (ours, others) = (Authority::new(), Authority::new());
    let tls = ServerTls { identity: ours.pair("server"), client_ca: None };
    let process = Process::start_with(Some(tls)).await;
    let _writer = process.lead(1);
    let knows = |authority: &Authority| ClientTls { ca: authority.ca(), identity: None };
    assert!(is_answered(&process, Some(&knows(&ours))).await);
    assert!(!is_answered(&process, Some(&knows(&others))).await);
    assert!(!is_answered(&process, None).await);
}

#[tokio::test]
async fn a_server_that_wants_certificates_answers_nobody_else() {
    let (ours, others) = (Authority::new(), Authority::new());
    let tls = ServerTls { identity: ours.pair("server"), client_ca: Some(ours.ca()) };
    let process = Process::start_with(Some(tls)).await;
    let _writer = process.lead(1);
    let with = |identity| ClientTls { ca: ours.ca(), identity };
    assert!(is_answered(&process, Some(&with(Some(ours.pair("client"))))).await);
    assert!(!is_answered(&process, Some(&with(Some(others.pair("client"))))).await);
    assert!(!is_answered(&process, Some(&with(None))).await);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named() {
    let ca = Path::new("no/such/file.pem").to_owned();
    let tls = ClientTls { ca, identity: None };
    let error = Writers::new(Vec::new(), Some(&tls)).unwrap_err();
    let chain = std::error::Error::source(&error).unwrap().to_string();
    assert!(chain.contains("no/such/file.pem"), "{chain}");
}
