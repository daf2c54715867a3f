"""Checks a JSON file against a schema: the part of JSON Schema 2020-12 that ours use.

usage: json_schema.py SCHEMA FILE      prints every fault; exit 1 if there is one

Keywords: type, const, enum, required, properties, additionalProperties, items, minItems, maxItems,
minimum, maximum, $ref to #/$defs. An unknown keyword is an error, so that no rule is passed over.
"""
import json, sys

KNOWN = {"type", "const", "enum", "required", "properties", "additionalProperties", "items",
         "minItems", "maxItems", "minimum", "maximum", "$ref", "$defs", "$schema", "title",
         "description"}


def is_type(v, t):
    number = isinstance(v, (int, float)) and not isinstance(v, bool)
    return {"object": isinstance(v, dict), "array": isinstance(v, list),
            "string": isinstance(v, str), "null": v is None, "boolean": isinstance(v, bool),
            "number": number, "integer": number and float(v).is_integer()}[t]


def faults(v, s, root, at):
    unknown = set(s) - KNOWN
    if unknown:
        raise SystemExit("schema: unknown keywords %s" % sorted(unknown))
    if "$ref" in s:
        yield from faults(v, root["$defs"][s["$ref"].split("/")[-1]], root, at)
    if "const" in s and v != s["const"]:
        yield "%s: is not %r" % (at, s["const"])
    if "enum" in s and v not in s["enum"]:
        yield "%s: %r is none of %r" % (at, v, s["enum"])
    types = s.get("type", [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(v, t) for t in types):
        yield "%s: %r is no %s" % (at, v, " or ".join(types))
        return
    if is_type(v, "number"):
        if "minimum" in s and v < s["minimum"] or "maximum" in s and v > s["maximum"]:
            yield "%s: %r is out of range" % (at, v)
    if isinstance(v, list):
        if not s.get("minItems", 0) <= len(v) <= s.get("maxItems", len(v)):
            yield "%s: %d items" % (at, len(v))
        for i, x in enumerate(v):
            yield from faults(x, s.get("items", {}), root, "%s[%d]" % (at, i))
    if isinstance(v, dict):
        for k in s.get("required", []):
            if k not in v:
                yield "%s: no %s" % (at, k)
        for k, x in v.items():
            rule = s.get("properties", {}).get(k, s.get("additionalProperties", True))
            if rule is False:
                yield "%s: unknown member %s" % (at, k)
            elif rule is not True:
                yield from faults(x, rule, root, "%s.%s" % (at, k))


schema = json.load(open(sys.argv[1]))
found = list(faults(json.load(open(sys.argv[2])), schema, schema, "$"))
print("\n".join(found[:20]), end="\n" if found else "")
sys.exit(bool(found))
