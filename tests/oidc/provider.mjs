// A real OpenID Connect provider for the sign-in tests: node provider.mjs PORT REDIRECT_URI
// Whoever signs in is known by the address they type; addresses that begin with "unverified" are not vouched for.
import { Provider } from "oidc-provider";

const [port, redirectUri] = process.argv.slice(2);
const issuer = `http://localhost:${port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "trustwide",
      client_secret: "a secret for tests",
      redirect_uris: [redirectUri],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
  pkce: { required: () => true },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: id, email_verified: !id.startsWith("unverified"), name: "Name From Directory" }),
  }),
});

provider.listen(Number(port), "localhost", () => console.log("ready"));
