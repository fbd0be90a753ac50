// SSM as it is read where Amazon's own client is too large: by fetch, signed by aws4fetch.
import { AwsClient } from "aws4fetch";

export async function readByFetch(region, name, credentials) {
  const client = new AwsClient({ ...credentials, service: "ssm", region });
  const answer = await client.fetch(`https://ssm.${region}.amazonaws.com/`, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "AmazonSSM.GetParameters",
    },
    body: JSON.stringify({ Names: [name], WithDecryption: true }),
  });
  const { Parameters } = await answer.json();
  return Parameters[0].Value;
}
