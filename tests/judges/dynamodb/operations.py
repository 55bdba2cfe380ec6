"""Random operations of DynamoDB: conditions, updates, pages, transactions and indexes."""

NAMES = ["a", "b", "c", "m", "l", "s", "n", "set", "at"]
RESERVED = ["name", "status", "owner", "family", "shard"]


def table(name):
    """Return a CreateTable request with a global and a local index."""
    kinds = {"pk": "S", "sk": "S", "day": "S", "at": "S"}
    return {
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": k, "AttributeType": v} for k, v in kinds.items()],
        "KeySchema": keys("pk", "sk"),
        "GlobalSecondaryIndexes": [
            {"IndexName": "by-time", "KeySchema": keys("day", "at"), "Projection": {"ProjectionType": "ALL"}},
            {"IndexName": "only-keys", "KeySchema": keys("day"), "Projection": {"ProjectionType": "KEYS_ONLY"}},
        ],
        "LocalSecondaryIndexes": [
            {"IndexName": "local", "KeySchema": keys("pk", "at"), "Projection": {"ProjectionType": "ALL"}},
        ],
    }


def keys(hashed, ranged=None):
    out = [{"AttributeName": hashed, "KeyType": "HASH"}]
    return out + [{"AttributeName": ranged, "KeyType": "RANGE"}] if ranged else out


class Maker:
    """Makes operations on one partition of a table."""

    def __init__(self, chance, table_name, partition):
        self.chance, self.table, self.partition = chance, table_name, partition

    def one(self, *choices):
        return self.chance.choice(choices)

    def rarely(self, share=0.05):
        return self.chance.random() < share

    def next(self):
        """Return the name of an operation and its request."""
        makers = [self.put] * 5 + [self.update] * 9 + [self.delete, self.get, self.get] + [self.query] * 5
        makers += [self.index, self.index, self.scan, self.batch_get, self.batch_write]
        makers += [self.transact, self.transact, self.transact_get, self.create, self.wrong]
        return self.chance.choice(makers)()

    # Values

    def key(self):
        return {"pk": {"S": self.partition}, "sk": {"S": self.one("x", "y", "z")}}

    def number(self):
        if self.rarely(0.04):
            return self.one("1e126", "1e-131", "1" * 39, "0." + "1" * 39, "9" * 38, "1e125", "-1e-130", "x", "", "1e", "+5")
        return self.one("0", "1", "2", "-1", "3", "10", "2.5", "1e2", "0.1", "-0", "007", "1.50", "100000000000000000000")

    def scalar(self):
        return self.one(
            {"S": self.one("", "x", "xy", "y", "Z", "ä")}, {"N": self.number()}, {"N": self.number()},
            {"BOOL": self.one(True, False)}, {"NULL": True}, {"B": self.one("AA==", "AQI=", "")},
        )

    def value(self, depth=2):
        if depth and self.rarely(0.2):
            return {"L": [self.value(depth - 1) for _ in range(self.chance.randrange(3))]}
        if depth and self.rarely(0.2):
            return {"M": {self.one("x", "y", "z"): self.value(depth - 1) for _ in range(self.chance.randrange(3))}}
        if self.rarely(0.15):
            return self.members()
        return self.scalar()

    def members(self):
        size = 0 if self.rarely(0.03) else self.chance.randrange(1, 3)
        kind = self.one("SS", "NS")
        pool = ["x", "y", "z"] if kind == "SS" else ["1", "2", "3.0"]
        chosen = self.chance.sample(pool, size)
        return {kind: chosen + chosen[:1] if self.rarely(0.03) else chosen}

    def item(self):
        out = self.key()
        for name in self.chance.sample(["a", "b", "c", "n"], self.chance.randrange(4)):
            out[name] = self.value()
        if self.rarely(0.5):
            out["m"] = {"M": {"x": self.value(1), "y": self.value(1)}}
        if self.rarely(0.5):
            out["l"] = {"L": [self.scalar() for _ in range(self.chance.randrange(4))]}
        if self.rarely(0.4):
            out["set"] = self.members()
        if self.rarely(0.6):
            out["day"] = {"S": self.partition}
            out["at"] = {"S": self.one("1", "2", "3") + out["sk"]["S"]}
        if self.rarely(0.02):
            out["day"] = self.scalar()
        if self.rarely(0.01):
            out.pop(self.one("pk", "sk"))
        return out

    # Expressions

    def path(self, bag):
        name = self.one(*NAMES)
        if self.rarely(0.03):
            name = self.one(*RESERVED)
        if self.rarely(0.3):
            holder = "#" + name
            bag.setdefault("ExpressionAttributeNames", {})[holder] = name
            name = holder
        if self.rarely(0.25):
            name += self.one(".x", ".y", "[0]", "[1]", ".x.y", "[0].x", "[5]")
        return name

    def given(self, bag, value):
        values = bag.setdefault("ExpressionAttributeValues", {})
        holder = f":v{len(values)}"
        values[holder] = value
        return holder

    def operand(self, bag):
        roll = self.chance.random()
        if roll < 0.5:
            return self.given(bag, self.value(1))
        if roll < 0.6:
            return f"size({self.path(bag)})"
        return self.path(bag)

    def simple(self, bag):
        roll = self.chance.randrange(9)
        if roll == 0:
            return f"attribute_exists({self.path(bag)})"
        if roll == 1:
            return f"attribute_not_exists({self.path(bag)})"
        if roll == 2:
            kind = self.one("S", "N", "L", "M", "SS", "NULL", "BOOL", "B") if not self.rarely() else "X"
            return f"attribute_type({self.path(bag)}, {self.given(bag, {'S': kind})})"
        if roll == 3:
            return f"begins_with({self.path(bag)}, {self.given(bag, self.one({'S': 'x'}, {'S': ''}, {'B': 'AQ=='}, self.scalar()))})"
        if roll == 4:
            return f"contains({self.path(bag)}, {self.operand(bag)})"
        if roll == 5:
            low, high = self.one(({"N": "1"}, {"N": "5"}), ({"S": "a"}, {"S": "y"}), ({"N": "5"}, {"N": "1"}) if self.rarely(0.3) else ({"N": "0"}, {"N": "0"}))
            return f"{self.path(bag)} BETWEEN {self.given(bag, low)} AND {self.given(bag, high)}"
        if roll == 6:
            # dynalite breaks off at a missing attribute in the list.
            given = [self.given(bag, self.value(1)) for _ in range(self.chance.randrange(1, 4))]
            return f"{self.path(bag)} IN ({', '.join(given)})"
        if self.rarely(0.5):
            return f"{self.operand(bag)} {self.one('=', '<>')} {self.operand(bag)}"
        return f"{self.ordered(bag)} {self.one('<', '<=', '>', '>=')} {self.ordered(bag)}"

    def ordered(self, bag):
        """Return an operand that mostly has an order."""
        if self.rarely(0.05):
            return self.operand(bag)
        if self.rarely(0.5):
            return self.given(bag, self.one({"S": self.one("", "x", "y")}, {"N": self.number()}, {"B": "AQI="}))
        return self.one(self.path(bag), f"size({self.path(bag)})")

    def condition(self, bag, depth=2):
        if not depth or self.rarely(0.5):
            return self.simple(bag)
        roll = self.chance.randrange(4)
        if roll == 0:
            return f"NOT {self.condition(bag, depth - 1)}"
        if roll == 1:
            inner = f"({self.condition(bag, depth - 1)})"
            return f"({inner})" if self.rarely() else inner
        return f"{self.condition(bag, depth - 1)} {self.one('AND', 'OR')} {self.condition(bag, depth - 1)}"

    def result(self, bag):
        roll = self.chance.randrange(6)
        if roll == 0:
            return f"if_not_exists({self.path(bag)}, {self.operand_of_update(bag)})"
        if roll == 1:
            return f"list_append({self.operand_of_list(bag)}, {self.operand_of_list(bag)})"
        if roll == 2:
            return f"{self.operand_of_number(bag)} {self.one('+', '-')} {self.operand_of_number(bag)}"
        if roll == 3:
            return self.path(bag)
        return self.given(bag, self.value())

    def operand_of_update(self, bag):
        return self.one(self.path(bag), self.given(bag, self.value(1)))

    def operand_of_list(self, bag):
        if self.rarely():
            return self.operand_of_update(bag)
        return "l" if self.rarely(0.5) else self.given(bag, {"L": [self.scalar()]})

    def operand_of_number(self, bag):
        if self.rarely(0.1):
            return self.operand_of_update(bag)
        return "n" if self.rarely(0.5) else self.given(bag, {"N": self.number()})

    def update_expression(self, bag):
        sections = []
        for verb in self.chance.sample(["SET", "REMOVE", "ADD", "DELETE"], self.chance.randrange(1, 3)):
            clauses = [self.clause(verb, bag) for _ in range(self.chance.randrange(1, 3))]
            sections.append(f"{verb} {', '.join(clauses)}")
        return " ".join(sections)

    def clause(self, verb, bag):
        if verb == "SET":
            return f"{self.path(bag)} = {self.result(bag)}"
        if verb == "REMOVE":
            return self.path(bag)
        if self.rarely(0.5):
            bag.setdefault("ExpressionAttributeNames", {})["#set"] = "set"
            return f"#set {self.given(bag, self.members())}"
        if verb == "ADD":
            return f"n {self.given(bag, {'N': self.number()} if not self.rarely() else self.value())}"
        return f"{self.path(bag)} {self.given(bag, self.members())}"

    def projection(self, bag):
        return ", ".join(self.path(bag) for _ in range(self.chance.randrange(1, 4)))

    # Operations

    def request(self, **more):
        return {"TableName": self.table, **more}

    def conditional(self, bag, share=0.5):
        if self.rarely(share):
            bag["ConditionExpression"] = self.condition(bag)
            if self.rarely(0.3):
                bag["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
        return bag

    def put(self):
        bag = self.conditional(self.request(Item=self.item()), 0.3)
        bag["ReturnValues"] = self.one("NONE", "ALL_OLD")
        return "PutItem", bag

    def update(self):
        bag = self.request(Key=self.key())
        bag["UpdateExpression"] = self.update_expression(bag)
        bag["ReturnValues"] = self.one("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW", "ALL_NEW")
        return "UpdateItem", self.conditional(bag, 0.3)

    def delete(self):
        return "DeleteItem", self.conditional(self.request(Key=self.key(), ReturnValues="ALL_OLD"))

    def get(self):
        bag = self.request(Key=self.key(), ConsistentRead=True)
        if self.rarely(0.6):
            bag["ProjectionExpression"] = self.projection(bag)
        return "GetItem", bag

    def search(self, bag):
        if self.rarely(0.3):
            bag["FilterExpression"] = self.condition(bag)
        if self.rarely(0.3):
            bag["ProjectionExpression"] = self.projection(bag)
        if self.rarely(0.15):
            bag["Select"] = self.one("ALL_ATTRIBUTES", "COUNT", "SPECIFIC_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
        return bag

    def query(self):
        bag = self.request()
        condition = f"pk = {self.given(bag, {'S': self.partition})}"
        kind = self.chance.randrange(6)
        low, high = self.chance.choice([("x", "y"), ("x", "z"), ("y", "y"), ("z", "x")])
        if kind == 1:
            condition += f" AND sk {self.one('=', '<', '<=', '>', '>=')} {self.given(bag, {'S': low})}"
        elif kind == 2:
            condition += f" AND sk BETWEEN {self.given(bag, {'S': low})} AND {self.given(bag, {'S': high})}"
        elif kind == 3:
            condition += f" AND begins_with(sk, {self.given(bag, {'S': low})})"
        elif kind == 4 and self.rarely(0.2):
            condition = self.condition(bag, 1)
        elif kind == 5 and self.rarely(0.3):
            condition = f"({condition}) AND ({self.given(bag, {'S': 'y'})} = sk)"
        bag["KeyConditionExpression"] = condition
        self.page(bag, {})
        return "Query", self.search(bag)

    def page(self, bag, more):
        if self.rarely(0.4):
            bag["Limit"] = self.one(1, 2, 3)
        if self.rarely(0.3):
            bag["ExclusiveStartKey"] = {**self.key(), **more}
        if self.rarely(0.3):
            bag["ScanIndexForward"] = self.one(True, False)

    def index(self):
        name = self.one("by-time", "local", "only-keys")
        hashed = "pk" if name == "local" else "day"
        bag = self.request(IndexName=name)
        bag["KeyConditionExpression"] = f"#h = {self.given(bag, {'S': self.partition})}"
        bag["ExpressionAttributeNames"] = {"#h": hashed}
        if name != "only-keys":
            if self.rarely(0.3):
                bag["KeyConditionExpression"] += f" AND #r >= {self.given(bag, {'S': '2'})}"
                bag["ExpressionAttributeNames"]["#r"] = "at"
            self.page(bag, {})
            bag.pop("ExclusiveStartKey", None)
        if self.rarely(0.1):
            bag["ConsistentRead"] = True
        self.search(bag)
        if name == "only-keys":
            # The order in an index without a sort key is not documented.
            bag["Select"] = self.one("COUNT", "ALL_ATTRIBUTES")
            bag.pop("ProjectionExpression", None)
            bag["ExpressionAttributeNames"] = {"#h": hashed}
            bag["ExpressionAttributeValues"] = {":v0": {"S": self.partition}}
            bag.pop("FilterExpression", None)
        return "Query", bag

    def scan(self):
        bag = self.request()
        condition = f"pk = {self.given(bag, {'S': self.partition})}"
        bag["FilterExpression"] = f"{condition} AND ({self.condition(bag, 1)})" if self.rarely(0.5) else condition
        if self.rarely(0.3):
            bag["ProjectionExpression"] = self.projection(bag)
        if self.rarely(0.1):
            bag["Segment" if self.rarely(0.5) else "TotalSegments"] = 1
        return "Scan", bag

    def batch_get(self):
        bag = {"Keys": self.several_keys()}
        if self.rarely(0.3):
            bag["ProjectionExpression"] = self.projection(bag)
        return "BatchGetItem", {"RequestItems": {self.table: bag}}

    def several_keys(self):
        sorts = self.chance.sample(["x", "y", "z"], self.chance.randrange(1, 4))
        if self.rarely():
            sorts.append(sorts[0])
        return [{"pk": {"S": self.partition}, "sk": {"S": s}} for s in sorts]

    def batch_write(self):
        writes = []
        for key in self.several_keys():
            writes.append({"DeleteRequest": {"Key": key}} if self.rarely(0.4) else {"PutRequest": {"Item": {**self.item(), **key}}})
        return "BatchWriteItem", {"RequestItems": {self.table: writes}}

    def transact(self):
        return "TransactWriteItems", {"TransactItems": [self.action(key) for key in self.several_keys()]}

    def action(self, key):
        kind = self.one("Put", "Update", "Update", "Delete", "ConditionCheck")
        bag = self.request()
        if kind == "Put":
            bag["Item"] = {**self.item(), **key}
        else:
            bag["Key"] = key
        if kind == "Update":
            bag["UpdateExpression"] = self.update_expression(bag)
        if kind == "ConditionCheck":
            bag["ConditionExpression"] = self.condition(bag, 1)
        else:
            self.conditional(bag, 0.3)
        return {kind: bag}

    def transact_get(self):
        return "TransactGetItems", {"TransactItems": [{"Get": self.request(Key=key)} for key in self.several_keys()]}

    def create(self):
        """Return a CreateTable request with one mistake."""
        out = table(f"{self.table}-{self.chance.randrange(10**9)}")
        index = out["GlobalSecondaryIndexes"][0]
        mistake = self.chance.randrange(10)
        if mistake == 0:
            out["AttributeDefinitions"].append({"AttributeName": "more", "AttributeType": "S"})
        elif mistake == 1:
            out["BillingMode"] = "PROVISIONED"
        elif mistake == 2:
            out["ProvisionedThroughput"] = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
        elif mistake == 3:
            out["AttributeDefinitions"].pop()
        elif mistake == 4:
            out["KeySchema"].reverse()
        elif mistake == 5:
            index["Projection"] = {}
        elif mistake == 6:
            index["Projection"] = {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]}
        elif mistake == 7:
            index["IndexName"] = "local"
        elif mistake == 8:
            out["LocalSecondaryIndexes"][0]["KeySchema"][0]["AttributeName"] = "day"
        else:
            out["GlobalSecondaryIndexes"] = []
        return "CreateTable", out

    def wrong(self):
        """Return a request with one mistake."""
        operation, bag = self.one(self.put, self.update, self.get, self.query)()
        mistake = self.chance.randrange(8)
        if mistake == 0:
            bag["ExpressionAttributeNames"] = {"#unused": "a"}
        elif mistake == 1:
            bag["ExpressionAttributeValues"] = {":unused": {"S": "a"}}
        elif mistake == 2:
            bag["TableName"] = "no-such-table"
        elif mistake == 3:
            bag.setdefault("Key", {})["more"] = {"S": "x"}
        elif mistake == 4:
            bag["ReturnValues"] = "UPDATED_NEW"
        elif mistake == 5:
            bag["ProjectionExpression"] = self.one("", "a,", "a, a", "a.b, a", "#", "a[x]", "a..b")
        elif mistake == 6:
            bag["ConditionExpression"] = self.one("", "a", "a =", "(a = b", "a = b)", "size(a)", "unknown(a)", "a = a", "attribute_exists(:v0)")
        else:
            bag["Key"] = self.one({"pk": {"S": ""}, "sk": {"S": "x"}}, {"pk": {"N": "1"}, "sk": {"S": "x"}}, {"pk": {"S": "x"}}, {})
        return operation, bag
