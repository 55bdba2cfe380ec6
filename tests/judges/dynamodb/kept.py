"""The cases in which ecssim is right and the majority is not, each with its source."""

import decimal
import json
import re

UNORDERED = (
    "a literal without an order in <, <=, >, >=: AWS's model of ComparisonOperator allows String, Number and Binary, "
    "and Alternator's tests, which also run on AWS, want a ValidationException"
)
IMPRECISE = "a sum of more than 38 digits: AWS refuses it, as Alternator's tests say, which also run on AWS; others round"
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
    return None


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
