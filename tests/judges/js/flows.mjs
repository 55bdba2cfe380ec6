// Runs flows of the AWS SDK for JavaScript v3 against `homeostat serve`: calls, waiters,
// paginators, typed errors, and CBOR for CloudWatch. The only argument is the program.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import * as scaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as ecr from "@aws-sdk/client-ecr";
import * as ecs from "@aws-sdk/client-ecs";
import * as events from "@aws-sdk/client-eventbridge";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as sts from "@aws-sdk/client-sts";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";

const FLOOR = 19;
const cluster = "shop";
const network = { awsvpcConfiguration: { subnets: ["subnet-1"], securityGroups: ["sg-1"] } };
const quick = (client) => ({ client, maxWaitTime: 3, minDelay: 1, maxDelay: 1 });

function serve(binary) {
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--output", "json", "--start", "now", "--speed", "0"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  return new Promise((resolve, reject) => {
    server.on("exit", (code) => reject(new Error(`homeostat serve ended with exit code ${code}`)));
    createInterface({ input: server.stdout }).once("line", (line) => resolve({ server, url: JSON.parse(line).url }));
  });
}

const { server, url } = await serve(process.argv[2]);
const settings = {
  endpoint: url,
  region: "eu-central-1",
  credentials: { accessKeyId: "ecssim", secretAccessKey: "ecssim" },
  maxAttempts: 1,
};
const E = new ecs.ECSClient(settings);
const R = new ecr.ECRClient(settings);
const C = new cloudwatch.CloudWatchClient(settings);
const D = new dynamodb.DynamoDBClient(settings);
const advance = async (d) => assert.equal((await fetch(`${url}/_homeostat/advance?d=${d}`, { method: "POST" })).status, 200);
const collect = async (pages, key) => {
  const out = [];
  let count = 0;
  for await (const page of pages) {
    count++;
    out.push(...(page[key] ?? []));
  }
  return { items: out, count };
};

async function definition(family) {
  const container = { name: "app", image: "shop/worker:live", essential: true };
  const command = { family, requiresCompatibilities: ["FARGATE"], networkMode: "awsvpc", cpu: "256", memory: "512", containerDefinitions: [container] };
  return (await E.send(new ecs.RegisterTaskDefinitionCommand(command))).taskDefinition;
}

const flows = {
  async "a service is described with dates and numbers"() {
    const { services, failures } = await E.send(new ecs.DescribeServicesCommand({ cluster, services: ["web", "none"] }));
    assert.equal(services[0].runningCount, 2);
    assert.ok(services[0].createdAt instanceof Date);
    assert.equal(failures[0].reason, "MISSING");
  },
  async "a stable service ends the waiter"() {
    const { state } = await ecs.waitUntilServicesStable(quick(E), { cluster, services: ["web"] });
    assert.equal(state, "SUCCESS");
  },
  async "a missing service fails the waiter"() {
    await assert.rejects(ecs.waitUntilServicesStable(quick(E), { cluster, services: ["none"] }), /FAILURE/);
  },
  async "a task starts, stops and ends its waiters"() {
    await definition("js-task");
    const { tasks } = await E.send(new ecs.RunTaskCommand({ cluster, taskDefinition: "js-task", launchType: "FARGATE", networkConfiguration: network }));
    const arns = tasks.map((t) => t.taskArn);
    await advance("3m");
    assert.equal((await ecs.waitUntilTasksRunning(quick(E), { cluster, tasks: arns })).state, "SUCCESS");
    await E.send(new ecs.StopTaskCommand({ cluster, task: arns[0], reason: "enough" }));
    await advance("2m");
    assert.equal((await ecs.waitUntilTasksStopped(quick(E), { cluster, tasks: arns })).state, "SUCCESS");
    const { tasks: stopped } = await E.send(new ecs.DescribeTasksCommand({ cluster, tasks: arns }));
    assert.equal(stopped[0].stopCode, "UserInitiated");
  },
  async "a service is created, updated and deleted"() {
    await definition("js-service");
    const created = await E.send(new ecs.CreateServiceCommand({ cluster, serviceName: "js", taskDefinition: "js-service", desiredCount: 1, launchType: "FARGATE", networkConfiguration: network }));
    assert.equal(created.service.status, "ACTIVE");
    await advance("3m");
    await E.send(new ecs.UpdateServiceCommand({ cluster, service: "js", desiredCount: 2 }));
    await advance("3m");
    await ecs.waitUntilServicesStable(quick(E), { cluster, services: ["js"] });
    await E.send(new ecs.DeleteServiceCommand({ cluster, service: "js", force: true }));
    await advance("4m");
    await ecs.waitUntilServicesInactive(quick(E), { cluster, services: ["js"] });
  },
  async "pages of tasks and definitions are read"() {
    const small = await collect(ecs.paginateListTasks({ client: E, pageSize: 2 }, { cluster }), "taskArns");
    const large = await collect(ecs.paginateListTasks({ client: E }, { cluster }), "taskArns");
    assert.deepEqual(small.items, large.items);
    assert.ok(small.count > 1);
    const found = await collect(ecs.paginateListTaskDefinitions({ client: E, pageSize: 1 }, {}), "taskDefinitionArns");
    assert.ok(found.items.length >= 3 && found.count >= 3);
  },
  async "errors of ECS have their types"() {
    await assert.rejects(E.send(new ecs.DescribeServicesCommand({ cluster: "none", services: ["web"] })), ecs.ClusterNotFoundException);
    await assert.rejects(E.send(new ecs.UpdateServiceCommand({ cluster, service: "none", desiredCount: 1 })), ecs.ServiceNotFoundException);
    await assert.rejects(E.send(new ecs.DescribeTaskDefinitionCommand({ taskDefinition: "none" })), ecs.ClientException);
    await assert.rejects(E.send(new ecs.DeleteClusterCommand({ cluster })), ecs.ClusterContainsServicesException);
  },
  async "images are pushed, listed and deleted"() {
    await R.send(new ecr.CreateRepositoryCommand({ repositoryName: "js" }));
    for (let n = 0; n < 3; n++) {
      const config = { mediaType: "application/vnd.docker.container.image.v1+json", size: n + 1, digest: "sha256:" + String(n).repeat(64) };
      const imageManifest = JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.docker.distribution.manifest.v2+json", config, layers: [] });
      await R.send(new ecr.PutImageCommand({ repositoryName: "js", imageManifest, imageTag: `v${n}` }));
    }
    const listed = await collect(ecr.paginateDescribeImages({ client: R, pageSize: 2 }, { repositoryName: "js" }), "imageDetails");
    assert.equal(listed.items.length, 3);
    assert.equal(listed.count, 2);
    assert.ok(listed.items[0].imagePushedAt instanceof Date);
    const { imageIds } = await R.send(new ecr.BatchDeleteImageCommand({ repositoryName: "js", imageIds: [{ imageTag: "v0" }] }));
    assert.equal(imageIds[0].imageTag, "v0");
    await R.send(new ecr.DeleteRepositoryCommand({ repositoryName: "js", force: true }));
  },
  async "errors of ECR have their types"() {
    await assert.rejects(R.send(new ecr.DescribeRepositoriesCommand({ repositoryNames: ["none"] })), ecr.RepositoryNotFoundException);
    await assert.rejects(R.send(new ecr.CreateRepositoryCommand({ repositoryName: "shop/web" })), ecr.RepositoryAlreadyExistsException);
    await assert.rejects(R.send(new ecr.DescribeImagesCommand({ repositoryName: "shop/web", imageIds: [{ imageTag: "none" }] })), ecr.ImageNotFoundException);
  },
  async "metrics travel in CBOR"() {
    let type;
    const C = new cloudwatch.CloudWatchClient({ ...settings, protocol: AwsSmithyRpcV2CborProtocol });
    C.middlewareStack.add((next) => async (args) => {
      type = args.request.headers["content-type"];
      return next(args);
    }, { step: "finalizeRequest", name: "type", priority: "low" });
    const now = new Date(JSON.parse(await (await fetch(`${url}/_homeostat/now`)).text()).now);
    await C.send(new cloudwatch.PutMetricDataCommand({ Namespace: "App", MetricData: [{ MetricName: "Jobs", Value: 2.5, Timestamp: now }] }));
    assert.equal(type, "application/cbor");
    const window = { StartTime: new Date(now - 120000), EndTime: new Date(+now + 120000) };
    const { Datapoints } = await C.send(new cloudwatch.GetMetricStatisticsCommand({ Namespace: "App", MetricName: "Jobs", Period: 60, Statistics: ["Sum"], ...window }));
    assert.equal(Datapoints[0].Sum, 2.5);
    assert.ok(Datapoints[0].Timestamp instanceof Date);
    const queries = [{ Id: "a", MetricStat: { Metric: { Namespace: "App", MetricName: "Jobs" }, Period: 60, Stat: "Sum" } }, { Id: "b", Expression: "a * 2" }];
    const data = await collect(cloudwatch.paginateGetMetricData({ client: C }, { MetricDataQueries: queries, ...window }), "MetricDataResults");
    assert.deepEqual(data.items.map((r) => r.Values), [[2.5], [5]]);
  },
  async "errors travel in CBOR"() {
    const C = new cloudwatch.CloudWatchClient({ ...settings, protocol: AwsSmithyRpcV2CborProtocol });
    await assert.rejects(C.send(new cloudwatch.SetAlarmStateCommand({ AlarmName: "none", StateValue: "OK", StateReason: "x" })), cloudwatch.ResourceNotFound);
  },
  async "alarms are made, waited for and deleted"() {
    const alarm = { AlarmName: "js", Namespace: "App", MetricName: "Jobs", Statistic: "Sum", Period: 60, EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanThreshold" };
    await C.send(new cloudwatch.PutMetricAlarmCommand(alarm));
    assert.equal((await cloudwatch.waitUntilAlarmExists(quick(C), { AlarmNames: ["js"] })).state, "SUCCESS");
    await C.send(new cloudwatch.SetAlarmStateCommand({ AlarmName: "js", StateValue: "ALARM", StateReason: "test" }));
    const { MetricAlarms } = await C.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: ["js"] }));
    assert.equal(MetricAlarms[0].StateReason, "test");
    await C.send(new cloudwatch.DeleteAlarmsCommand({ AlarmNames: ["js"] }));
    await assert.rejects(C.send(new cloudwatch.SetAlarmStateCommand({ AlarmName: "js", StateValue: "OK", StateReason: "x" })), cloudwatch.ResourceNotFound);
  },
  async "a table is made, waited for and paged"() {
    const KeySchema = [{ AttributeName: "p", KeyType: "HASH" }, { AttributeName: "s", KeyType: "RANGE" }];
    const AttributeDefinitions = ["p", "s"].map((AttributeName) => ({ AttributeName, AttributeType: "S" }));
    await D.send(new dynamodb.CreateTableCommand({ TableName: "js-table", BillingMode: "PAY_PER_REQUEST", KeySchema, AttributeDefinitions }));
    await dynamodb.waitUntilTableExists(quick(D), { TableName: "js-table" });
    for (let n = 0; n < 5; n++) await D.send(new dynamodb.PutItemCommand({ TableName: "js-table", Item: { p: { S: "a" }, s: { S: `${n}` }, b: { B: new Uint8Array([n]) } } }));
    const query = { TableName: "js-table", KeyConditionExpression: "p = :p", ExpressionAttributeValues: { ":p": { S: "a" } } };
    const found = await collect(dynamodb.paginateQuery({ client: D, pageSize: 2 }, query), "Items");
    assert.equal(found.items.length, 5);
    assert.equal(found.count, 3);
    assert.deepEqual([...found.items[3].b.B], [3]);
  },
  async "errors of DynamoDB have their types and members"() {
    const Item = { p: { S: "a" }, s: { S: "1" } };
    const put = { TableName: "js-table", Item, ConditionExpression: "attribute_not_exists(p)", ReturnValuesOnConditionCheckFailure: "ALL_OLD" };
    await assert.rejects(D.send(new dynamodb.PutItemCommand(put)), (e) => e instanceof dynamodb.ConditionalCheckFailedException && e.Item.s.S === "1");
    await assert.rejects(D.send(new dynamodb.TransactWriteItemsCommand({ TransactItems: [{ Put: put }] })),
      (e) => e instanceof dynamodb.TransactionCanceledException && e.CancellationReasons[0].Code === "ConditionalCheckFailed");
    await assert.rejects(D.send(new dynamodb.GetItemCommand({ TableName: "none", Key: Item })), dynamodb.ResourceNotFoundException);
  },
  async "a table is deleted"() {
    await D.send(new dynamodb.DeleteTableCommand({ TableName: "js-table" }));
    assert.equal((await dynamodb.waitUntilTableNotExists(quick(D), { TableName: "js-table" })).state, "SUCCESS");
  },
  async "an event reaches a queue by a rule"() {
    const V = new events.EventBridgeClient(settings);
    const Q = new sqs.SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
    const { QueueUrl } = await Q.send(new sqs.CreateQueueCommand({ QueueName: "js" }));
    await V.send(new events.PutRuleCommand({ Name: "js", EventPattern: JSON.stringify({ source: ["app"] }) }));
    await V.send(new events.PutTargetsCommand({ Rule: "js", Targets: [{ Id: "q", Arn: "arn:aws:sqs:eu-central-1:123456789012:js" }] }));
    const { FailedEntryCount } = await V.send(new events.PutEventsCommand({ Entries: [{ Source: "app", DetailType: "t", Detail: '{"n":1}' }] }));
    assert.equal(FailedEntryCount, 0);
    await advance("5s");
    const { Messages } = await Q.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    assert.deepEqual(JSON.parse(Messages[0].Body).detail, { n: 1 });
    await Q.send(new sqs.DeleteMessageCommand({ QueueUrl, ReceiptHandle: Messages[0].ReceiptHandle }));
    await assert.rejects(Q.send(new sqs.GetQueueUrlCommand({ QueueName: "none" })), sqs.QueueDoesNotExist);
    await assert.rejects(V.send(new events.DescribeRuleCommand({ Name: "none" })), events.ResourceNotFoundException);
  },
  async "a topic reaches a queue"() {
    const S = new sns.SNSClient(settings);
    const Q = new sqs.SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
    const { TopicArn } = await S.send(new sns.CreateTopicCommand({ Name: "js" }));
    await S.send(new sns.SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint: "arn:aws:sqs:eu-central-1:123456789012:js" }));
    await S.send(new sns.PublishCommand({ TopicArn, Message: "hello" }));
    await advance("5s");
    const { QueueUrl } = await Q.send(new sqs.GetQueueUrlCommand({ QueueName: "js" }));
    const { Messages } = await Q.send(new sqs.ReceiveMessageCommand({ QueueUrl }));
    assert.equal(JSON.parse(Messages[0].Body).Message, "hello");
    await assert.rejects(S.send(new sns.PublishCommand({ TopicArn: TopicArn + "none", Message: "x" })), sns.NotFoundException);
  },
  async "scaling policies are made, and errors have their types"() {
    const A = new scaling.ApplicationAutoScalingClient(settings);
    const target = { ServiceNamespace: "ecs", ResourceId: `service/${cluster}/web`, ScalableDimension: "ecs:service:DesiredCount" };
    await A.send(new scaling.RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 4 }));
    const TargetTrackingScalingPolicyConfiguration = { TargetValue: 50, PredefinedMetricSpecification: { PredefinedMetricType: "ECSServiceAverageCPUUtilization" } };
    const { Alarms } = await A.send(new scaling.PutScalingPolicyCommand({ ...target, PolicyName: "cpu", PolicyType: "TargetTrackingScaling", TargetTrackingScalingPolicyConfiguration }));
    assert.equal(Alarms.length, 2);
    const found = await collect(scaling.paginateDescribeScalingPolicies({ client: A }, { ServiceNamespace: "ecs" }), "ScalingPolicies");
    assert.equal(found.items[0].PolicyName, "cpu");
    await assert.rejects(A.send(new scaling.DeleteScalingPolicyCommand({ ...target, PolicyName: "none" })), scaling.ObjectNotFoundException);
  },
  async "logs and the identity are read"() {
    const L = new logs.CloudWatchLogsClient(settings);
    await L.send(new logs.CreateLogGroupCommand({ logGroupName: "/js" }));
    const found = await collect(logs.paginateDescribeLogGroups({ client: L }, { logGroupNamePrefix: "/js" }), "logGroups");
    assert.equal(found.items[0].logGroupName, "/js");
    await assert.rejects(L.send(new logs.CreateLogGroupCommand({ logGroupName: "/js" })), logs.ResourceAlreadyExistsException);
    const { Account } = await new sts.STSClient(settings).send(new sts.GetCallerIdentityCommand({}));
    assert.equal(Account, "123456789012");
  },
};

let passed = 0;
const failures = [];
try {
  await advance("3m");
  for (const [name, flow] of Object.entries(flows)) {
    try {
      await flow();
      passed++;
    } catch (error) {
      failures.push(`  ${name}: ${String(error.stack ?? error).split("\n").slice(0, 4).join(" ").slice(0, 600)}`);
    }
  }
} finally {
  server.removeAllListeners("exit");
  server.kill();
}
console.log(`judge js: passed ${passed} of ${Object.keys(flows).length}`);
for (const failure of failures) console.log(failure);
process.exit(passed >= FLOOR ? 0 : 1);
