#pragma once
#include <gtest/gtest.h>

#include "tests/support/hub_fixture.h"

namespace carillon::test {

/// Tests that share one hub, each with a tenant of its own. By the end the hub has logged no error.
template <class Suite>
class HubSuite : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { fixture = new HubFixture(); }
  static void TearDownTestSuite() {
    EXPECT_EQ(fixture->log().errors(), std::vector<std::string>());
    delete fixture;
    fixture = nullptr;
  }
  inline static HubFixture* fixture = nullptr;
  TestTenant tenant = fixture->tenant();
  const Api& api = tenant.api;
};

}  // namespace carillon::test
