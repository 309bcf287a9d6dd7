#include "plugins/schedules/legacy_import.h"

namespace carillon::schedules {
namespace {

std::string text_of_line(const Json& line) {
  const std::string became = line["became"];
  std::string what;
  if (line.contains("schedule")) {
    const Json& s = line["schedule"];
    what = "schedule \"" + s["name"].get<std::string>() + "\", " + s["status"].get<std::string>();
    if (s["next_due_at"].is_string()) what += ", next " + s["next_due_at"].get<std::string>();
    if (became != "schedule") what = became + ": " + what;
  } else {
    what = became == "report" ? "no schedule" : became;
    if (line.contains("workflow")) what += ", workflow \"" + line["workflow"]["name"].get<std::string>() + "\"";
  }
  std::string out = "  " + line["kind"].get<std::string>() + " " + line["old_id"].get<std::string>() + ": " + what + "\n";
  if (const std::string reason = line["reason"]; !reason.empty()) out += "      " + reason + "\n";
  for (const auto& note : line["notes"]) out += "      " + note.get<std::string>() + "\n";
  if (became == "report") out += "      It was " + dump_json(line["old"]) + "\n";
  return out;
}

std::string text_of_tenant(const Json& tenant) {
  std::string out = "Tenant " + tenant["old_tenant"].get<std::string>();
  if (tenant.value("made", false)) out += ", which the hub did not know";
  out += "\n";
  if (tenant.contains("admin"))
    out += "  Its admin is " + tenant["admin"]["email"].get<std::string>() + " with the password " + tenant["admin"]["password"].get<std::string>() +
           " (shown once).\n";
  if (tenant.contains("error"))
    out += "  Not imported: " + tenant["error"]["message"].get<std::string>() + " " + tenant["error"]["remedy"].get<std::string>() + "\n";
  int unchanged = 0;
  for (const auto& line : tenant["lines"]) {
    if (line["unchanged"].get<bool>() && !tenant.contains("error")) ++unchanged;
    else out += text_of_line(line);
  }
  if (unchanged > 0) out += "  " + std::to_string(unchanged) + " records were imported before and stay as they are.\n";
  return out;
}

}  // namespace

std::string legacy_report_text(const Json& report) {
  std::string out;
  for (const auto& tenant : report["tenants"]) out += text_of_tenant(tenant);
  const int changed = report["changed"], failed = report["failed"];
  const bool back = report.value("back", false);
  if (changed == 0 && failed == 0) return out + "Nothing to do: no change.\n";
  const std::string done = back ? "taken back" : "imported";
  out += std::to_string(changed) + " records " + (report["dry_run"].get<bool>() ? "would be " : "") + done;
  if (failed > 0) out += ", " + std::to_string(failed) + " tenants failed";
  return out + (report["dry_run"].get<bool>() ? ". This was a dry run: nothing was changed.\n" : ".\n");
}

}  // namespace carillon::schedules
