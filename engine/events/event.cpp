#include "engine/events/event.h"

namespace carillon {

Json to_json(const Event& event) {
  return Json{{"topic", event.topic}, {"id", event.id.to_string()}, {"kind", event.kind},
              {"version", event.version}, {"patch", event.patch}};
}

Event raised_event(Uuid id, Instant at, const Alert& alert) {
  return {"alerts", id, "created", 0,
          {{"at", format_instant(at)}, {"code", alert.code}, {"object_type", alert.object_type},
           {"object_id", alert.object_id.to_string()}, {"message", alert.message}}};
}

}  // namespace carillon
