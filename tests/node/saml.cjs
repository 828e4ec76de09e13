// A real SAML identity provider (npm samlp, Auth0's) for the tests of single sign-on.
//
//     node saml.cjs NODE_MODULES PORT FOLDER
//
// FOLDER/people.json: {login: {nameid, email, ...}}; FOLDER/sp.json: {acs, audience}; both read at
// each question. FOLDER/idp.key, idp.crt. It asks who one is, and takes anybody's word for it.
const http = require("node:http");
const { readFileSync } = require("node:fs");

const [modules, port, folder] = process.argv.slice(2);
const samlp = require(`${modules}/samlp`);
const file = (name) => readFileSync(`${folder}/${name}`, "utf8");
const read = (name) => JSON.parse(file(`${name}.json`));
const issuer = `http://127.0.0.1:${port}/idp`;

// Called without `new` for a login, and asked for its prototype's metadata for the description.
function mapper({ nameid, ...claims }) {
  return {
    getClaims: () => claims,
    getNameIdentifier: () => ({ nameIdentifier: nameid }),
  };
}
mapper.prototype.metadata = [];

const options = {
  issuer,
  cert: file("idp.crt"),
  key: file("idp.key"),
  signatureAlgorithm: "rsa-sha256",
  digestAlgorithm: "sha256",
  signResponse: false,
  nameIdentifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
  profileMapper: mapper,
  redirectEndpointPath: "/idp/sso",
  postEndpointPath: "/idp/sso",
  getUserFromRequest: (request) => read("people")[request.query.who],
  getPostURL: (audience, document, request, done) => done(null, read("sp").acs),
};

http
  .createServer((request, response) => {
    const url = new URL(request.url, issuer);
    request.query = Object.fromEntries(url.searchParams);
    request.body = {};
    request.originalUrl = request.url;
    request.get = (name) => request.headers[name.toLowerCase()];
    request.protocol = "http";
    response.set = (name, value) => response.setHeader(name, value);
    response.send = (body) => {
      response.setHeader("Content-Type", "text/html");
      response.end(body);
    };
    const failed = (error) => {
      response.statusCode = 500;
      response.end(String(error));
    };
    if (url.pathname === "/idp/metadata") return samlp.metadata(options)(request, response, failed);
    if (request.query.who) {
      const { audience, acs } = read("sp");
      return samlp.auth({ ...options, audience, recipient: acs, destination: acs })(
        request,
        response,
        failed,
      );
    }
    const kept = Object.entries(request.query)
      .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
      .join("");
    response.send(`<!doctype html><form>${kept}<input name="who"><button>Go</button></form>`);
  })
  .listen(Number(port), "127.0.0.1", () => console.log("ready"));
