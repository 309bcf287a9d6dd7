// Secrets at rest.
#include "persistence/secrets/vault.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

using namespace carillon;

namespace {

class Vault : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "vault-XXXXXX";
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
    ASSERT_TRUE(keys().prepare());
  }
  void TearDown() override { std::filesystem::remove_all(folder); }
  KeyFile keys() const { return KeyFile(folder / "home" / "secrets.keys"); }
  std::filesystem::path folder;
  TenantId tenant = *TenantId::parse("01890000-0000-7000-8000-000000000001");
  TenantId other = *TenantId::parse("01890000-0000-7000-8000-000000000002");
};

}  // namespace

TEST_F(Vault, OpensWhatItSealedAndNothingElse) {
  KeyFile file = keys();
  SecretVault vault(file);
  for (const std::string& value : {std::string("hunter22"), std::string("ü\n\"x\""), std::string(30'000, 'z'), std::string("")}) {
    const auto sealed = vault.seal(tenant, "db", value);
    ASSERT_TRUE(sealed);
    EXPECT_EQ(*vault.open(tenant, "db", *sealed), value);
    EXPECT_EQ(vault.open(other, "db", *sealed).error().reason, "SECRET_UNREADABLE") << "of another tenant";
    EXPECT_EQ(vault.open(tenant, "dc", *sealed).error().reason, "SECRET_UNREADABLE") << "of another name";
    SealedSecret changed = *sealed;
    changed.sealed[5] = changed.sealed[5] == 'A' ? 'B' : 'A';
    EXPECT_EQ(vault.open(tenant, "db", changed).error().reason, "SECRET_UNREADABLE");
    changed = *sealed;
    changed.wrapped = "!";
    EXPECT_EQ(vault.open(tenant, "db", changed).error().reason, "SECRET_UNREADABLE");
  }
  EXPECT_NE(vault.seal(tenant, "db", "hunter22")->sealed, vault.seal(tenant, "db", "hunter22")->sealed);
}

TEST_F(Vault, ARotationKeepsValuesAndIsSeenByOthers) {
  KeyFile mine = keys(), theirs = keys();
  SecretVault vault(mine), running(theirs);
  const auto old = vault.seal(tenant, "db", "hunter22");
  const auto key = mine.rotate({old->key_id});
  ASSERT_TRUE(key);
  EXPECT_EQ(running.seal(tenant, "db", "x")->key_id, key->id) << "a hub that runs takes the new key";
  const auto rewrapped = vault.rewrap(tenant, "db", *old);
  EXPECT_EQ(rewrapped->key_id, key->id);
  EXPECT_EQ(rewrapped->sealed, old->sealed);
  EXPECT_EQ(*running.open(tenant, "db", *rewrapped), "hunter22");
  EXPECT_EQ(*running.open(tenant, "db", *old), "hunter22") << "what was read before the rotation";
  ASSERT_TRUE(mine.rotate({key->id}));
  KeyFile fresh = keys();
  const auto dropped = SecretVault(fresh).open(tenant, "db", *old);
  ASSERT_FALSE(dropped) << "nothing needed that key";
  EXPECT_EQ(dropped.error().reason, "SECRET_KEY_UNKNOWN");
  EXPECT_EQ(*vault.open(tenant, "db", *rewrapped), "hunter22");
}

TEST_F(Vault, TheKeyFileIsItsOwnersAlone) {
  KeyFile file = keys();
  struct stat info {};
  ASSERT_EQ(::stat(file.path().c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  ::chmod(file.path().c_str(), 0644);
  EXPECT_EQ(file.current().error().reason, "SECRET_KEY_FILE");
  EXPECT_THAT(file.current().error().remedy, testing::HasSubstr("chmod 600"));
}

TEST_F(Vault, ABrokenKeyFileIsNeverReplaced) {
  KeyFile file = keys();
  { std::ofstream(file.path(), std::ios::trunc) << "k1 nonsense\n"; }
  EXPECT_EQ(file.prepare().error().reason, "SECRET_KEY_FILE");
  std::ifstream in(file.path());
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "k1 nonsense");
}

TEST_F(Vault, TwoProcessesThatStartTogetherShareOneKey) {
  KeyFile a(folder / "new" / "secrets.keys"), b(folder / "new" / "secrets.keys");
  ASSERT_TRUE(a.prepare());
  ASSERT_TRUE(b.prepare());
  EXPECT_EQ(a.current()->bytes, b.current()->bytes);
}
