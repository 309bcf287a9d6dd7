#include "engine/events/event.h"

namespace carillon {

Json to_json(const Event& event) {
  return Json{{"topic", event.topic}, {"id", event.id.to_string()}, {"kind", event.kind},
              {"version", event.version}, {"patch", event.patch}};
}

}  // namespace carillon
