#include "web/app/secrets.h"

#include <iostream>
#include <iterator>

#include "web/app/hub/secret_errands.h"
#include "web/app/serve.h"

namespace carillon {
namespace {

template <class Work>
int with_secrets(const Invocation& invocation, std::ostream& err, Work&& work) {
  return with_database(invocation, err, [&](const Config& config, const std::string& url, Logger& log) {
    return work(SecretErrand{url, config.secret_keys(), invocation.tenant}, log);
  });
}

}  // namespace

int secrets_put(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  std::string value{std::istreambuf_iterator<char>(std::cin), {}};
  if (value.ends_with('\n')) value.pop_back();
  if (value.ends_with('\r')) value.pop_back();
  return with_secrets(invocation, err, [&](const SecretErrand& errand, Logger& log) -> Status {
    CARILLON_TRY(const auto view, put_secret(errand, invocation.name, value, log));
    out << "The secret " << view.info.name << " is put. Refer to it as {\"$secret\": \"" << view.info.name << "\"}.\n";
    return ok();
  });
}

int secrets_list(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  return with_secrets(invocation, err, [&](const SecretErrand& errand, Logger& log) -> Status {
    CARILLON_TRY(const auto views, list_secrets(errand, log));
    for (const auto& view : views) {
      out << view.info.name << "  updated " << format_instant(view.info.updated_at) << " by " << view.info.updated_by << "  used by " << view.uses.size() << "\n";
      for (const auto& use : view.uses) out << "  " << use.type << " " << use.id.to_string() << "  " << use.workflow_name << ": " << use.name << "\n";
    }
    if (views.empty()) out << "No secrets.\n";
    return ok();
  });
}

int secrets_delete(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  return with_secrets(invocation, err, [&](const SecretErrand& errand, Logger& log) -> Status {
    CARILLON_CHECK(delete_secret(errand, invocation.name, invocation.force, log));
    out << "The secret " << invocation.name << " is deleted.\n";
    return ok();
  });
}

int secrets_rotate(const Invocation& invocation, std::ostream& out, std::ostream& err) {
  return with_secrets(invocation, err, [&](const SecretErrand& errand, Logger& log) -> Status {
    CARILLON_TRY(const auto rotation, rotate_secrets(errand, log));
    out << rotation.secrets << " secret(s) are now under the key " << rotation.key_id << ". Back up " << errand.key_file.string() << ".\n";
    return ok();
  });
}

}  // namespace carillon
