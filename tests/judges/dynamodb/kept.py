"""The cases in which ecssim is right and the majority is not, each with its source."""

import decimal
import json
import re

UNORDERED = (
    "a literal without an order in <, <=, >, >=: AWS's model of ComparisonOperator allows String, Number and Binary, "
    "and Alternator's tests, which also run on AWS, want a ValidationException"
)
IMPRECISE = "a sum of more than 38 digits: AWS refuses it, as Alternator's tests say, which also run on AWS; others round"
FOREIGN = "a member that the operation does not have: AWS ignores it; ecssim refuses every member that nothing reads, so that none is lost unseen"
STATIC = (
    "a transaction with a condition or an update that no item can satisfy: AWS checks each before it reads an item, as in a single "
    "operation, where dynalite has a vote and agrees; moto and ministack do not check"
)
STRANGE = {
    "PutItem": {"Key", "ProjectionExpression"},
    "UpdateItem": {"ProjectionExpression"},
    "GetItem": {"ConditionExpression", "ReturnValues"},
    "Query": {"ConditionExpression", "Key", "ReturnValues"},
}
RESERVED = re.compile(r"(?<![#:\w.])(?:at|day|set)\b")
BEFORE = re.compile(r"(:v\d+)\)?\s*(?:<=|>=|<(?!>)|>)")
AFTER = re.compile(r"(?:<=|>=|<|(?<!<)>)\s*\(?(:v\d+)")


def reason(operation, request, answer):
    """Return why a minority of ecssim is right, or None."""
    if operation == "TransactWriteItems":
        parts = [part for action in request["TransactItems"] for part in action.values()]
    else:
        parts = [request]
    refused = "ValidationException" in json.loads(answer)[:1] if answer.startswith("[") else False
    if refused and any(unordered(part) for part in parts):
        return UNORDERED
    if refused and any(imprecise(part) for part in parts):
        return IMPRECISE
    if refused and STRANGE.get(operation, set()) & set(request):
        return FOREIGN
    if refused and operation == "TransactWriteItems" and any(unsatisfiable(part) for part in parts):
        return STATIC
    return None


def unsatisfiable(request):
    """Return whether a part of a transaction has a reserved word, a wrong literal, equal operands or overlapping paths."""
    condition, update = request.get("ConditionExpression") or "", request.get("UpdateExpression") or ""
    values = request.get("ExpressionAttributeValues") or {}
    if RESERVED.search(condition + " " + update):
        return True
    if any(not set(values.get(name, {"S": ""})) & {"S", "B"} for name in re.findall(r"begins_with\([^,]+, (:v\d+)\)", condition)):
        return True
    for name, real in (request.get("ExpressionAttributeNames") or {}).items():
        condition, update = (re.sub(re.escape(name) + r"\b", real, text) for text in (condition, update))
    if re.search(r"(?<![\w.])([\w.\[\]]+) (?:=|<>) \1(?![\w.\[])", condition):
        return True
    paths = [path.strip() for clause in re.split(r"\b(?:SET|REMOVE|ADD|DELETE)\b", update) for path in re.findall(r"(?:^|,)\s*([\w.\[\]]+)(?=[\s,]|$)", clause)]
    return any(b == a or b.startswith((a + ".", a + "[")) for i, a in enumerate(paths) for j, b in enumerate(paths) if i != j)


def unordered(request):
    """Return whether a comparison of order has a literal of another type."""
    values = request.get("ExpressionAttributeValues") or {}
    for member in ("ConditionExpression", "FilterExpression", "KeyConditionExpression"):
        expression = request.get(member) or ""
        for name in BEFORE.findall(expression) + AFTER.findall(expression):
            if not set(values.get(name, {"S": ""})) & {"S", "N", "B"}:
                return True
    return False


def imprecise(request):
    """Return whether an update adds numbers of very different sizes."""
    if not re.search(r"\bADD\b|[+-]", request.get("UpdateExpression") or ""):
        return False
    for value in (request.get("ExpressionAttributeValues") or {}).values():
        try:
            number = abs(decimal.Decimal(value.get("N", "x")))
        except decimal.InvalidOperation:
            continue
        if number and not -20 < number.adjusted() < 20:
            return True
    return False
