// A real OpenID provider (the certified npm oidc-provider) for the tests of single sign-on.
//
//     node openid.mjs NODE_MODULES PORT FOLDER
//
// FOLDER/clients.json: the clients. FOLDER/people.json: {login: claims}, read at each question, so
// that a test may change what is said of somebody. Any password will do.
import { readFileSync } from "node:fs";

const [modules, port, folder] = process.argv.slice(2);
const { default: Provider } = await import(`${modules}/oidc-provider/lib/index.js`);
const read = (name) => JSON.parse(readFileSync(`${folder}/${name}.json`, "utf8"));
const issuer = `http://127.0.0.1:${port}`;

const provider = new Provider(issuer, {
  clients: read("clients"),
  claims: {
    openid: ["sub"],
    email: ["email", "email_verified"],
    profile: ["given_name", "family_name", "groups"],
  },
  pkce: { required: () => true },
  conformIdTokenClaims: false,
  cookies: { keys: ["for tests only"] },
  findAccount: (context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, ...read("people")[id] }),
  }),
  // What the company's administrator would have agreed to for everybody.
  async loadExistingGrant(context) {
    const { client, session } = context.oidc;
    const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
    grant.addOIDCScope("openid email profile");
    await grant.save();
    return grant;
  },
});
provider.listen(Number(port), "127.0.0.1", () => console.log("ready"));
