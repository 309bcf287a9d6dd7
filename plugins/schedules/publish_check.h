#pragma once
#include <atomic>

#include "engine/redaction/redactor.h"
#include "engine/workflows/publish_hook.h"
#include "plugins/schedules/publish_store.h"

namespace carillon::schedules {

/// Why a schedule cannot run with a version; shared by those with the same payload. Null: it can.
using Misfit = std::shared_ptr<const Error>;

/// What was found out about one schedule before the lock; good as long as its revision is this one.
struct CheckedSchedule {
  ScheduleId id;
  std::string name;
  std::int64_t revision = 0;
  Status status = Status::active;
  bool invalid = false;   ///< it had the hold `invalid`
  bool over = false;      ///< completed or expired: not looked at
  bool trusted = false;   ///< its payload was not read: the schemas accept the same
  bool changed = false;   ///< the migration or a fix changes its payload
  bool fits_with_defaults = false;  ///< does not fit, but would with the schema's `default`s (plans only)
  Misfit misfit;
  std::shared_ptr<const std::string> migrated;  ///< the changed payload; null, too, where it was too much to keep
  std::optional<Instant> due_at;
};

/// Fits payloads and timings to a schema. Immutable; any number of threads.
class Fitter {
 public:
  struct Outcome {
    std::string payload;   ///< what the migration or the fix made of it; the old one where it does not fit
    bool changed = false;
    Misfit misfit;
  };
  Fitter(const schema::Schema* schema, std::int64_t version, const PayloadMigration* migration, const ZoneDatabase& zones, Instant now,
         Redactor redactor = {});
  /// `validator` belongs to the calling thread.
  Outcome payload(const std::string& text, schema::TextValidator& validator) const;
  /// The same with a payload that comes instead.
  Outcome fixed(const std::string& text, const PayloadFix& fix, schema::TextValidator& validator) const;
  Misfit timing(const Timing& timing, const Bounds& bounds) const;
  bool fits_with_defaults(const std::string& text, schema::TextValidator& validator) const;
  /// How often payload() was asked.
  std::int64_t checked() const { return checked_; }
  /// What is hidden in these payloads.
  const Redactor& redactor() const { return redactor_; }

 private:
  Outcome migrated(const std::string& text, schema::TextValidator& validator) const;
  Misfit check(const std::string& text, schema::TextValidator& validator) const;
  const schema::Schema* schema_;
  Misfit no_schema_;
  const PayloadMigration* migration_;
  const ZoneDatabase& zones_;
  Instant now_;
  mutable std::atomic<std::int64_t> checked_{0};
  Redactor redactor_;
};

struct CheckOptions {
  bool defaults = false;  ///< fill in fits_with_defaults
  std::int64_t keep_bytes = 0;  ///< of changed payloads
  int threads = 0;        ///< 0: as many as the machine has, at most 8
};

/// Looks at every live schedule of the workflow without locking any: pages are read one after the other and checked by
/// several threads meanwhile; a few pages are in memory at a time. Equal payloads are checked once.
Result<std::vector<CheckedSchedule>> check_schedules(Tx& tx, PublishStore& store, const PublishIntent& intent, const Fitter& fitter,
                                                     const CheckOptions& options);

}  // namespace carillon::schedules
