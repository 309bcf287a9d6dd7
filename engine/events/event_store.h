#pragma once
#include "engine/storage/database.h"

namespace carillon {

/// Port: reading the change stream that Tx::emit writes.
class EventStore {
 public:
  virtual ~EventStore() = default;
  /// Sequence number of the newest batch; 0 before the first.
  virtual Result<std::int64_t> head(Tx& tx, TenantId tenant) = 0;
  /// Sequence number of the oldest batch still kept; head + 1 if none is.
  virtual Result<std::int64_t> tail(Tx& tx, TenantId tenant) = 0;
  /// Batches after `seq`, oldest first.
  virtual Result<std::vector<EventBatch>> after(Tx& tx, TenantId tenant, std::int64_t seq, int limit) = 0;
};

}  // namespace carillon
