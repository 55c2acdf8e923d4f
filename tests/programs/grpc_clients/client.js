// Watches one service, and checks each service whose name it reads. Writes `watch STATUS` and `check STATUS`.
//
// Arguments: the folder of the packages, the address, and the service that it watches.

const path = require("path");
const readline = require("readline");
const { createRequire } = require("module");

const [packages, address, watched] = process.argv.slice(2);
const from = createRequire(path.join(packages, "packages.js"));
const grpc = from("@grpc/grpc-js");
const definition = from("@grpc/proto-loader").loadSync(path.join(__dirname, "health.proto"), { enums: String, defaults: true });
const { Health } = grpc.loadPackageDefinition(definition).grpc.health.v1;
const client = new Health(address, grpc.credentials.createInsecure());

const write = (line) => process.stdout.write(`${line}\n`);

const watch = client.watch({ service: watched });
watch.on("data", (response) => write(`watch ${response.status}`));
watch.on("end", () => write("watch END"));
watch.on("error", (error) => write(`watch ${error.message}`));

const check = (service) =>
  new Promise((resolve) => {
    client.check({ service }, (error, response) => resolve(error ? grpc.status[error.code] : response.status));
  });

(async () => {
  for await (const service of readline.createInterface({ input: process.stdin })) {
    write(`check ${await check(service)}`);
  }
})();
