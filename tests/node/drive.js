// Drives Twilio's Node SDK: takes {base, sid, token, calls} as JSON on stdin, makes the calls one
// after another, and prints for each what the server answered and what the SDK made of it.
"use strict";

const twilio = require("twilio");

class HttpClient extends twilio.RequestClient {
  constructor(base) {
    super();
    this.base = base;
  }

  async request(options) {
    const { pathname, search } = new URL(options.uri);
    const response = await super.request({ ...options, uri: this.base + pathname + search });
    this.answered = { status: response.statusCode, body: response.body };
    return response;
  }
}

const camel = (name) => name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase());

// "preview.hosted_numbers.hosted_number_orders(HR1).fetch" from the client on.
function found(client, at) {
  const steps = at.split(".").map((step) => /^(\w+)(?:\(([^)]*)\))?$/.exec(step));
  const [, method] = steps.pop();
  let here = client;
  for (const [, name, argument] of steps) {
    here = name in here ? here[name] : here[camel(name)];
    if (argument !== undefined) here = here(argument);
  }
  return [here, method === "delete" ? "remove" : camel(method)];
}

function parameters(params) {
  if (params.body !== undefined) return params.body;
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [camel(name), value]));
}

// Every own field of an instance with its type; a date as its milliseconds.
function told(value) {
  if (value instanceof Date) return { type: "date", value: value.getTime() };
  if (Number.isNaN(value)) return { type: "nan", value: null };
  return { type: value === null ? "null" : typeof value, value: value === undefined ? null : value };
}

function fields(instance) {
  if (instance === true || instance === undefined) return instance;
  const names = Object.keys(instance).filter((name) => !name.startsWith("_"));
  return Object.fromEntries(names.map((name) => [name, told(instance[name])]));
}

async function drive({ base, sid, token, calls }) {
  const httpClient = new HttpClient(base);
  const client = twilio(sid, token, { httpClient, accountSid: sid });
  const results = [];
  for (const { at, params } of calls) {
    try {
      const [here, method] = found(client, at);
      const given = Object.keys(params).length ? [parameters(params)] : [];
      const result = await here[method](...given);
      const instance = Array.isArray(result) ? result.map(fields) : fields(result);
      results.push({ ...httpClient.answered, instance });
    } catch (error) {
      const { code, status, message, moreInfo } = error;
      results.push({ ...httpClient.answered, error: { code, status, message, moreInfo } });
    }
  }
  return results;
}

let input = "";
process.stdin.on("data", (data) => (input += data));
process.stdin.on("end", () =>
  drive(JSON.parse(input)).then((results) => process.stdout.write(JSON.stringify(results))),
);
