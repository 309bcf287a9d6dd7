#pragma once
#include "engine/plugin/plugin.h"
#include "engine/secrets/secret_control.h"

namespace carillon {

/// Server actions secrets.list, .put, .delete. Values go in and never come out.
class SecretActions {
 public:
  explicit SecretActions(SecretControl& control) : control_(control) {}
  void contribute(PluginHost& host);

 private:
  SecretControl& control_;
};

}  // namespace carillon
