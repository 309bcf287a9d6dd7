#include "persistence/secrets/vault.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <array>
#include <memory>
#include <stdexcept>

namespace carillon {
namespace {

constexpr std::size_t kNonceBytes = 12, kTagBytes = 16, kDataKeyBytes = 32;

/// Bytes that are overwritten when they are no longer needed.
struct Wiped {
  std::string bytes;
  ~Wiped() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

Cipher new_cipher() {
  Cipher out(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  if (!out) throw std::bad_alloc();
  return out;
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
int length_of(std::string_view text) { return static_cast<int>(text.size()); }

std::string random_text(std::size_t n) {
  std::string out(n, '\0');
  if (RAND_bytes(bytes_of(out), static_cast<int>(n)) != 1) throw std::runtime_error("no random bytes");
  return out;
}

/// nonce, ciphertext, tag
std::string encrypted(const std::string& key, std::string_view plain, std::string_view context) {
  std::string nonce = random_text(kNonceBytes), body(plain.size(), '\0'), tag(kTagBytes, '\0');
  const Cipher c = new_cipher();
  int n = 0;
  const bool good = EVP_EncryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
                    EVP_EncryptUpdate(c.get(), nullptr, &n, bytes_of(context), length_of(context)) == 1 &&
                    EVP_EncryptUpdate(c.get(), bytes_of(body), &n, bytes_of(plain), length_of(plain)) == 1 &&
                    EVP_EncryptFinal_ex(c.get(), bytes_of(body) + n, &n) == 1 &&
                    EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagBytes), bytes_of(tag)) == 1;
  if (!good) throw std::runtime_error("AES-256-GCM is not available");
  return nonce + body + tag;
}

/// Nothing when it was not encrypted with this key and context.
std::optional<std::string> decrypted(const std::string& key, std::string_view data, std::string_view context) {
  if (data.size() < kNonceBytes + kTagBytes) return std::nullopt;
  const std::string_view nonce = data.substr(0, kNonceBytes), body = data.substr(kNonceBytes, data.size() - kNonceBytes - kTagBytes);
  std::string tag(data.substr(data.size() - kTagBytes)), out(body.size(), '\0');
  const Cipher c = new_cipher();
  int n = 0;
  const bool good = EVP_DecryptInit_ex(c.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key), bytes_of(nonce)) == 1 &&
                    EVP_DecryptUpdate(c.get(), nullptr, &n, bytes_of(context), length_of(context)) == 1 &&
                    EVP_DecryptUpdate(c.get(), bytes_of(out), &n, bytes_of(body), length_of(body)) == 1 &&
                    EVP_CIPHER_CTX_ctrl(c.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(kTagBytes), bytes_of(tag)) == 1 &&
                    EVP_DecryptFinal_ex(c.get(), bytes_of(out) + n, &n) == 1;
  return good ? std::optional(out) : std::nullopt;
}

std::string base64_of(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(bytes_of(out), bytes_of(bytes), length_of(bytes))));
  return out;
}

std::optional<std::string> from_base64(const std::string& text) {
  std::string out(text.size(), '\0');
  const int n = EVP_DecodeBlock(bytes_of(out), bytes_of(text), length_of(text));
  if (n < 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') ++padding;
  out.resize(static_cast<std::size_t>(n) - padding);
  return out;
}

std::string context_of(const char* what, TenantId tenant, const std::string& name) {
  return std::string("carillon ") + what + " " + tenant.to_string() + " " + name;
}

Error unreadable(const std::string& name) {
  return Error{ErrorCode::internal, "SECRET_UNREADABLE", "The secret \"" + name + "\" cannot be opened: it was sealed under another key, or changed.", "", name,
               "Put it again.", {}};
}

}  // namespace

Result<SealedSecret> SecretVault::seal(TenantId tenant, const std::string& name, const std::string& value) {
  CARILLON_TRY(const MasterKey master, keys_.current());
  const Wiped own{random_text(kDataKeyBytes)};
  return SealedSecret{master.id, base64_of(encrypted(master.bytes, own.bytes, context_of("key", tenant, name))),
                      base64_of(encrypted(own.bytes, value, context_of("value", tenant, name)))};
}

Result<std::string> SecretVault::open(TenantId tenant, const std::string& name, const SealedSecret& secret) {
  CARILLON_TRY(const MasterKey master, keys_.find(secret.key_id));
  const auto wrapped = from_base64(secret.wrapped), sealed = from_base64(secret.sealed);
  if (!wrapped || !sealed) return unreadable(name);
  const auto own = decrypted(master.bytes, *wrapped, context_of("key", tenant, name));
  if (!own) return unreadable(name);
  const Wiped key{*own};
  const auto value = decrypted(key.bytes, *sealed, context_of("value", tenant, name));
  return value ? Result<std::string>(*value) : Result<std::string>(unreadable(name));
}

Result<SealedSecret> SecretVault::rewrap(TenantId tenant, const std::string& name, const SealedSecret& secret) {
  CARILLON_TRY(const MasterKey old, keys_.find(secret.key_id));
  CARILLON_TRY(const MasterKey master, keys_.current());
  const auto wrapped = from_base64(secret.wrapped);
  const auto own = wrapped ? decrypted(old.bytes, *wrapped, context_of("key", tenant, name)) : std::nullopt;
  if (!own) return unreadable(name);
  const Wiped key{*own};
  return SealedSecret{master.id, base64_of(encrypted(master.bytes, key.bytes, context_of("key", tenant, name))), secret.sealed};
}

}  // namespace carillon
