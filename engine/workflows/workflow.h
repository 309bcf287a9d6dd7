#pragma once
#include <optional>
#include <string>

#include "engine/base/ids.h"
#include "engine/base/instant.h"

namespace carillon {

/// Text of a definition and how to read it.
struct DefinitionText {
  std::string text;
  std::string format = "yaml";  ///< "yaml" or "json"
};

struct Draft {
  DefinitionText definition;
  std::int64_t revision = 1;
  Instant updated_at;
  std::string updated_by;
};

/// The named head: what stays while versions come.
struct Workflow {
  WorkflowId id;
  TenantId tenant;
  std::string name;  ///< unique in the tenant
  std::string description;
  std::string trigger = "none";                  ///< "none" or "event", of the latest published version (else the draft)
  std::optional<std::int64_t> latest_version;    ///< number of the newest published version
  bool latest_has_schema = false;                ///< that version pins a payload schema
  bool draft_changed = true;                     ///< the draft differs from the latest version
  std::int64_t revision = 1;                     ///< of name and description
  Instant created_at, updated_at;
};

/// Immutable once written.
struct WorkflowVersion {
  WorkflowId workflow;
  std::int64_t number = 0;  ///< 1, 2, 3 …
  DefinitionText definition;
  std::string payload_schema;  ///< canonical JSON text; "" when the version pins none
  std::string dialect;         ///< "2020-12" or "draft-07"; "" without a schema
  std::string note;
  Instant published_at;
  std::string published_by;
};

}  // namespace carillon
