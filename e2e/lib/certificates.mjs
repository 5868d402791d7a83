// A certificate authority made with the real openssl, and a balancer that hands on what clients have shown (RFC 9440).
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONFIG = `[ca]
default_ca = x
[x]
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
certificate = ca.pem
private_key = ca.key
policy = any
unique_subject = no
email_in_dn = no
default_md = sha256
[any]
commonName = supplied
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[client]
basicConstraints = critical,CA:false
keyUsage = critical,digitalSignature
extendedKeyUsage = clientAuth
authorityKeyIdentifier = keyid
`;

export function authority(name) {
  const folder = mkdtempSync(join(tmpdir(), "zhengtong-ca-"));
  const run = (...words) => execFileSync("openssl", words, { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  for (const [file, text] of Object.entries({ "ca.cnf": CONFIG, "index.txt": "", serial: "1000", crlnumber: "01" })) {
    writeFileSync(join(folder, file), text);
  }
  const request = (file, subject) => {
    run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${file}.key`);
    run("req", "-new", "-key", `${file}.key`, "-out", `${file}.csr`, "-subj", `/CN=${subject}`, "-utf8", "-config", "ca.cnf");
  };
  const ca = (...words) => run("ca", "-batch", "-config", "ca.cnf", "-notext", ...words);
  const list = () => run("ca", "-config", "ca.cnf", "-gencrl", "-crldays", "7", "-out", "ca.crl");
  request("ca", name);
  ca("-selfsign", "-keyfile", "ca.key", "-in", "ca.csr", "-out", "ca.pem", "-extensions", "root", "-days", "30");
  list();
  return {
    pem: join(folder, "ca.pem"),
    crl: join(folder, "ca.crl"),
    /** A certificate of this authority, as its bytes. */
    client(file, more = ["-days", "7"]) {
      request(file, "示例 审查员甲");
      ca("-in", `${file}.csr`, "-out", `${file}.pem`, "-extensions", "client", ...more);
      run("x509", "-in", `${file}.pem`, "-outform", "der", "-out", `${file}.der`);
      return readFileSync(join(folder, `${file}.der`));
    },
    revoke(file) {
      run("ca", "-config", "ca.cnf", "-revoke", `${file}.pem`);
      list();
    },
  };
}

/**
 * A balancer in front of the city: it throws away what clients write into the header and writes what they have shown.
 * `from` is the address it calls from, which the city trusts or not.
 */
export async function balancer(url, { from = "127.0.0.2", shown = null } = {}) {
  const city = new URL(url);
  const server = http.createServer((request, response) => {
    const headers = { ...request.headers };
    delete headers["client-cert"];
    delete headers["client-cert-chain"];
    if (shown) headers["client-cert"] = `:${shown.toString("base64")}:`;
    const options = { host: city.hostname, port: city.port, path: request.url, method: request.method, headers, localAddress: from };
    const onward = http.request(options, (answer) => {
      response.writeHead(answer.statusCode, answer.rawHeaders);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    request.pipe(onward);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close: () => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))),
  };
}
