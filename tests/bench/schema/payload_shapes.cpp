#include "tests/bench/schema/payload_shapes.h"

#include <string>

namespace carillon::bench {
namespace {

Json ticket_schema() {
  return parse_stored_json(R"({"type":"object","required":["title","priority","queue","reporter"],"additionalProperties":false,
    "properties":{"title":{"type":"string","minLength":1,"maxLength":120},"priority":{"enum":["low","normal","high","urgent"]},
    "queue":{"type":"string","pattern":"^[a-z][a-z0-9-]{1,30}$"},"reporter":{"type":"string","format":"email"},
    "labels":{"type":"array","maxItems":10,"uniqueItems":true,"items":{"type":"string","maxLength":30}},
    "estimate":{"type":"number","minimum":0,"multipleOf":0.25},"due":{"type":"string","format":"date"},
    "attempts":{"type":"integer","minimum":0,"maximum":10},"notify":{"type":"boolean"},"parent":{"type":["string","null"]}}})");
}
Json ticket() {
  return parse_stored_json(R"({"title":"Renew the certificate of the billing gateway before the audit of the winter","priority":"high","queue":"platform-ops",
    "reporter":"grace.hopper@example.com","labels":["tls","billing","gateway"],"estimate":2.5,"due":"2026-12-01","attempts":3,
    "notify":true,"parent":null})");
}

Json order_schema() {
  return parse_stored_json(R"({"type":"object","required":["id","customer","lines"],"additionalProperties":false,"$defs":{
    "money":{"type":"number","minimum":0,"multipleOf":0.01},
    "line":{"type":"object","required":["sku","name","quantity","price"],"additionalProperties":false,"properties":{
      "sku":{"type":"string","pattern":"^[A-Z]{3}-[0-9]{6}$"},"name":{"type":"string","minLength":1,"maxLength":80},
      "quantity":{"type":"integer","minimum":1,"maximum":1000},"price":{"$ref":"#/$defs/money"},"tax":{"enum":[0,7,19]},
      "unit":{"enum":["piece","box","metre"]},"gift":{"type":"boolean"},"note":{"type":["string","null"],"maxLength":200}}}},
    "properties":{"id":{"type":"string","format":"uuid"},"customer":{"type":"object","required":["name","country"],"properties":{
      "name":{"type":"string"},"country":{"type":"string","pattern":"^[A-Z]{2}$"}}},"currency":{"enum":["EUR","USD","GBP"]},
      "lines":{"type":"array","minItems":1,"maxItems":500,"items":{"$ref":"#/$defs/line"}}}})");
}
Json order() {
  Json lines = Json::array();
  for (int i = 0; i < 100; ++i)
    lines.push_back({{"sku", "ABC-" + std::to_string(100000 + i * 37)},
                     {"name", "Stainless bracket, size " + std::to_string(i) + ", crated and labelled"},
                     {"quantity", 1 + i % 9},
                     {"unit", i % 5 ? "piece" : "box"},
                     {"price", static_cast<double>(1999 + i * 13) / 100},
                     {"tax", i % 2 ? 19 : 7},
                     {"gift", i % 3 == 0},
                     {"note", i % 4 ? Json(nullptr) : Json("leave at the door")}});
  return {{"id", "2eb8aa08-aa98-11ea-b4aa-73b441d16380"},
          {"customer", {{"name", "Ada Lovelace"}, {"country", "GB"}}},
          {"currency", "EUR"},
          {"lines", std::move(lines)}};
}

Json flow_schema() {
  Json branches = Json::array();
  for (const char* kind : {"call", "wait", "emit", "set", "switch", "loop", "fork", "run"})
    branches.push_back({{"$ref", std::string("#/$defs/") + kind}});
  Json defs = parse_stored_json(R"({"steps":{"type":"array","items":{"$ref":"#/$defs/step"}},
    "name":{"type":"string","pattern":"^[a-zA-Z][a-zA-Z0-9_]*$","maxLength":60},
    "call":{"type":"object","required":["kind","url"],"properties":{"kind":{"const":"call"},"name":{"$ref":"#/$defs/name"},
      "url":{"type":"string","format":"uri"},"method":{"enum":["GET","POST","PUT","DELETE"]},"timeout":{"type":"integer","minimum":1}},"additionalProperties":false},
    "wait":{"type":"object","required":["kind","for"],"properties":{"kind":{"const":"wait"},"name":{"$ref":"#/$defs/name"},"for":{"type":"string","format":"duration"}},"additionalProperties":false},
    "emit":{"type":"object","required":["kind","event"],"properties":{"kind":{"const":"emit"},"name":{"$ref":"#/$defs/name"},"event":{"type":"string","minLength":1},"data":{"type":"object"}},"additionalProperties":false},
    "set":{"type":"object","required":["kind","values"],"properties":{"kind":{"const":"set"},"name":{"$ref":"#/$defs/name"},"values":{"type":"object","additionalProperties":{"type":["string","number","boolean"]}}},"additionalProperties":false},
    "switch":{"type":"object","required":["kind","cases"],"properties":{"kind":{"const":"switch"},"name":{"$ref":"#/$defs/name"},"cases":{"type":"array","minItems":1,"items":{"type":"object","required":["when","then"],"properties":{"when":{"type":"string"},"then":{"$ref":"#/$defs/steps"}}}}},"additionalProperties":false},
    "loop":{"type":"object","required":["kind","over","do"],"properties":{"kind":{"const":"loop"},"name":{"$ref":"#/$defs/name"},"over":{"type":"string"},"do":{"$ref":"#/$defs/steps"}},"additionalProperties":false},
    "fork":{"type":"object","required":["kind","branches"],"properties":{"kind":{"const":"fork"},"name":{"$ref":"#/$defs/name"},"branches":{"type":"array","items":{"$ref":"#/$defs/steps"}}},"additionalProperties":false},
    "run":{"type":"object","required":["kind","workflow"],"properties":{"kind":{"const":"run"},"name":{"$ref":"#/$defs/name"},"workflow":{"type":"string"},"input":{"type":"object"}},"additionalProperties":false}})");
  defs["step"] = {{"oneOf", std::move(branches)}};
  return {{"type", "object"}, {"required", {"steps"}}, {"properties", {{"steps", {{"$ref", "#/$defs/steps"}}}}}, {"$defs", std::move(defs)}};
}
Json flow() {
  const Json call = {{"kind", "call"}, {"name", "fetch"}, {"url", "https://api.example.com/v1/orders"}, {"method", "GET"}, {"timeout", 30}};
  const Json wait = {{"kind", "wait"}, {"name", "pause"}, {"for", "PT5M"}};
  const Json emit = {{"kind", "emit"}, {"name", "told"}, {"event", "order.created"}, {"data", {{"id", 7}}}};
  const Json set = {{"kind", "set"}, {"name", "remember"}, {"values", {{"a", 1}, {"b", "two"}, {"c", true}}}};
  const Json inner = {call, wait, set, emit};
  const Json loop = {{"kind", "loop"}, {"name", "each"}, {"over", ".items"}, {"do", inner}};
  const Json choose = {{"kind", "switch"}, {"name", "which"}, {"cases", {{{"when", ".a > 1"}, {"then", inner}}, {{"when", "true"}, {"then", {loop}}}}}};
  const Json fork = {{"kind", "fork"}, {"name", "both"}, {"branches", {inner, {wait}}}};
  const Json run = {{"kind", "run"}, {"name", "other"}, {"workflow", "billing"}, {"input", {{"x", 1}}}};
  return {{"steps", {call, set, choose, fork, loop, fork, run}}};
}

}  // namespace

std::vector<Shape> shapes() {
  return {{"ticket", ticket_schema(), ticket()}, {"order", order_schema(), order()}, {"flow", flow_schema(), flow()}};
}

}  // namespace carillon::bench
