//! A certificate authority for tests, made with the real `openssl`: what it makes is what a city's own would make.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const CONFIG: &str = "[ca]\ndefault_ca = x\n[x]\ndatabase = index.txt\nserial = serial\n\
crlnumber = crlnumber\nnew_certs_dir = .\ncertificate = ca.pem\nprivate_key = ca.key\npolicy = any\n\
unique_subject = no\nemail_in_dn = no\n[any]\ncommonName = supplied\n[req]\ndistinguished_name = dn\n[dn]\n\
[root]\nbasicConstraints = critical,CA:true\nkeyUsage = critical,keyCertSign,cRLSign\n\
subjectKeyIdentifier = hash\n\
[client]\nbasicConstraints = critical,CA:false\nkeyUsage = critical,digitalSignature\n\
extendedKeyUsage = clientAuth\nauthorityKeyIdentifier = keyid\n\
[server]\nbasicConstraints = critical,CA:false\nextendedKeyUsage = serverAuth\n\
[plain]\nbasicConstraints = critical,CA:false\n";

/// How keys sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    P256,
    Rsa,
    Sm2,
    /// On a curve that nobody here takes.
    K256,
}

/// An authority with its folder.
pub(crate) struct Authority {
    folder: TempDir,
    kind: Kind,
}

/// The days of what most tests make; the clock of a test stands at 2026-03-02.
pub(crate) const DAYS: (&str, &str) = ("20260101000000Z", "20270101000000Z");

impl Authority {
    pub(crate) fn new(name: &str, kind: Kind) -> Self {
        let authority = Self { folder: tempfile::tempdir().unwrap(), kind };
        for (file, text) in
            [("ca.cnf", CONFIG), ("index.txt", ""), ("serial", "1000"), ("crlnumber", "01")]
        {
            std::fs::write(authority.path(file), text).unwrap();
        }
        authority.request("ca", name);
        authority.ca(&[
            "-selfsign",
            "-keyfile",
            "ca.key",
            "-in",
            "ca.csr",
            "-out",
            "ca.pem",
            "-extensions",
            "root",
            "-startdate",
            "20250101000000Z",
            "-enddate",
            "20360101000000Z",
        ]);
        authority.list(DAYS);
        authority
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.path().join(file)
    }

    fn run(&self, words: &[&str]) {
        let done = Command::new("openssl").args(words).current_dir(&self.folder).output().unwrap();
        assert!(done.status.success(), "{words:?}: {}", String::from_utf8_lossy(&done.stderr));
    }

    fn digest(&self) -> &'static str {
        if self.kind == Kind::Sm2 { "sm3" } else { "sha256" }
    }

    /// What SM2 needs besides: the usual identity, which this `openssl` does not take by itself.
    fn identity(&self, word: &'static str) -> Vec<&'static str> {
        if self.kind == Kind::Sm2 { vec![word, "distid:1234567812345678"] } else { Vec::new() }
    }

    fn request(&self, file: &str, name: &str) {
        let (key, csr) = (format!("{file}.key"), format!("{file}.csr"));
        let key_of: &[&str] = match self.kind {
            Kind::P256 => &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Kind::K256 => &["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"],
            Kind::Rsa => &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Kind::Sm2 => &["SM2"],
        };
        self.run(&[&["genpkey", "-out", &key, "-algorithm"], key_of].concat());
        let (subject, digest) = (format!("/CN={name}"), format!("-{}", self.digest()));
        let words = [
            "req", "-new", "-key", &key, "-out", &csr, "-subj", &subject, "-utf8", "-config",
            "ca.cnf", &digest,
        ];
        self.run(&[&words[..], &self.identity("-sigopt")].concat());
    }

    fn ca(&self, words: &[&str]) {
        let head = ["ca", "-batch", "-config", "ca.cnf", "-notext", "-md", self.digest()];
        let tail = [self.identity("-sigopt"), self.identity("-vfyopt")].concat();
        self.run(&[&head[..], words, &tail].concat());
    }

    fn der(&self, kind: &str, file: &str) -> Vec<u8> {
        let out = format!("{file}.der");
        self.run(&[kind, "-in", file, "-outform", "der", "-out", &out]);
        std::fs::read(self.path(&out)).unwrap()
    }

    /// A certificate of this authority.
    pub(crate) fn certificate(&self, file: &str, days: (&str, &str), purpose: &str) -> Vec<u8> {
        self.request(file, "示例 张三");
        let (csr, pem) = (format!("{file}.csr"), format!("{file}.pem"));
        self.ca(&[
            "-in",
            &csr,
            "-out",
            &pem,
            "-extensions",
            purpose,
            "-startdate",
            days.0,
            "-enddate",
            days.1,
        ]);
        self.der("x509", &pem)
    }

    /// A certificate for logging in, in its days.
    pub(crate) fn client(&self, file: &str) -> Vec<u8> {
        self.certificate(file, DAYS, "client")
    }

    /// A certificate that its holder has made without any authority.
    pub(crate) fn self_made(&self, file: &str) -> Vec<u8> {
        self.request(file, "示例 张三");
        let (csr, key, pem) = (format!("{file}.csr"), format!("{file}.key"), format!("{file}.pem"));
        self.ca(&[
            "-selfsign",
            "-keyfile",
            &key,
            "-in",
            &csr,
            "-out",
            &pem,
            "-extensions",
            "client",
            "-startdate",
            DAYS.0,
            "-enddate",
            DAYS.1,
        ]);
        self.der("x509", &pem)
    }

    pub(crate) fn revoke(&self, file: &str) {
        let pem = format!("{file}.pem");
        let words = ["ca", "-config", "ca.cnf", "-md", self.digest(), "-revoke", &pem];
        self.run(&words);
    }

    /// Writes the list of what was taken back.
    pub(crate) fn list(&self, (from, until): (&str, &str)) {
        let words = [
            "ca",
            "-config",
            "ca.cnf",
            "-gencrl",
            "-out",
            "ca.crl",
            "-md",
            self.digest(),
            "-crl_lastupdate",
            from,
            "-crl_nextupdate",
            until,
        ];
        self.run(&[&words[..], &self.identity("-sigopt")].concat());
    }

    /// The file of the authority, and the file of what it took back.
    pub(crate) fn files(&self) -> (Vec<u8>, Vec<u8>) {
        let read = |file| std::fs::read(self.path(file)).unwrap();
        (read("ca.pem"), read("ca.crl"))
    }
}
