#include "plugins/schedules/bulk.h"

namespace carillon::schedules {
namespace {

template <class Enum, std::size_t N>
std::optional<Enum> parse_bulk_word(std::string_view text, const std::array<std::string_view, N>& words) {
  for (std::size_t n = 0; n < N; ++n)
    if (words[n] == text) return static_cast<Enum>(n);
  return std::nullopt;
}

constexpr std::array<std::string_view, 5> kBulkActions = {"pause", "resume", "delete", "run", "undelete"};
constexpr std::array<std::string_view, 4> kBulkStates = {"waiting", "running", "finished", "cancelled"};
constexpr std::array<std::string_view, 4> kItemStates = {"waiting", "done", "failed", "skipped"};

}  // namespace

std::string_view to_string(BulkAction action) { return kBulkActions[static_cast<std::size_t>(action)]; }
std::optional<BulkAction> parse_bulk_action(std::string_view text) { return parse_bulk_word<BulkAction>(text, kBulkActions); }
std::string permission_of(BulkAction action) { return action == BulkAction::run ? "runs.start" : "schedules.manage"; }
std::optional<BulkAction> undo_of(BulkAction action) {
  switch (action) {
    case BulkAction::pause: return BulkAction::resume;
    case BulkAction::resume: return BulkAction::pause;
    case BulkAction::remove: return BulkAction::undelete;
    case BulkAction::run:
    case BulkAction::undelete: break;
  }
  return std::nullopt;
}

std::string_view to_string(BulkState state) { return kBulkStates[static_cast<std::size_t>(state)]; }
std::optional<BulkState> parse_bulk_state(std::string_view text) { return parse_bulk_word<BulkState>(text, kBulkStates); }

std::string_view to_string(BulkItemState state) { return kItemStates[static_cast<std::size_t>(state)]; }
std::optional<BulkItemState> parse_bulk_item_state(std::string_view text) { return parse_bulk_word<BulkItemState>(text, kItemStates); }

Json context_to_json(const TenantContext& who) {
  return {{"actor", who.actor.to_string()}, {"actor_name", who.actor_name}, {"permissions", who.permissions},
          {"request_id", who.request_id}, {"locale", who.locale}};
}

TenantContext context_from_json(TenantId tenant, const Json& json) {
  TenantContext who;
  who.tenant = tenant;
  who.actor = ActorId::parse(json.value("actor", "")).value_or(ActorId{});
  who.actor_name = json.value("actor_name", "");
  who.permissions = json.value("permissions", std::set<std::string>{});
  who.request_id = json.value("request_id", "");
  who.locale = json.value("locale", "en");
  return who;
}

}  // namespace carillon::schedules
