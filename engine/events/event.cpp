#include "engine/events/event.h"

namespace carillon {

void append_json(std::string& out, const Event& event) {
  JsonWriter json(out);
  json.id("id", event.id);
  json.text("kind", event.kind);
  json.raw("patch", event.patch.text());
  json.text("topic", event.topic);
  json.number("version", event.version);
}

Event raised_event(Uuid id, Instant at, const Alert& alert) {
  return {"alerts", id, "created", 0,
          {{"at", format_instant(at)}, {"code", alert.code}, {"object_type", alert.object_type},
           {"object_id", alert.object_id.to_string()}, {"message", alert.message}}};
}

}  // namespace carillon
