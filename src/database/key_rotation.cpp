// Old keys stay in the file, so that whatever is met on the way opens.
#include "database/key_rotation.h"

#include <thread>

#include "database/sealing_pass.h"

namespace bulwark::database {

Result<KeyRotationReport> rotate_column_key(const Settings& settings, const crypto::Key& secret, const KeyRotation& wanted) {
  const EncryptSettings rule = TRY(encrypt_rule(settings, wanted.column));
  const PqConnection connection = TRY(pq_connect(wanted.url));
  const auto keys = TRY(ColumnKeys::open(settings.protection.keys_file, secret, {wanted.column}));
  const std::uint32_t key = TRY(keys->rotate(wanted.column));
  const ColumnCipher cipher(rule, keys);
  const SealingPass::Plan plan{wanted.column, wanted.batch, wanted.on_batch};
  SealingPass sealing(connection.get(), plan, cipher, key);
  TRY(sealing.pass());
  // By now every gateway that follows the file seals under the new key.
  std::this_thread::sleep_for(2 * ColumnKeys::kLookEvery);
  TRY(sealing.until_done());
  return KeyRotationReport{key, sealing.rows()};
}

}  // namespace bulwark::database
