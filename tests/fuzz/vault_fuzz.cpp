// What lies in HOME/secrets, and what comes from a descriptor, may be anything: reading it must end
// in a value or an error, what is read is written back to the same bytes, and nothing that was not
// sealed by the key opens.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/vault/derivation.hpp"
#include "common/vault/hand_over.hpp"
#include "common/vault/sealed_file.hpp"

namespace {

using namespace bullpen;
using namespace bullpen::vault;

void require(bool condition) {
    if (!condition)
        std::abort();
}

const AccountId& account() {
    static const AccountId id = AccountId::parse("anna").value();
    return id;
}

// Of this run alone: no input can have been sealed by it.
const KeyRing& keys() {
    static const KeyRing ring(VaultKey::random());
    return ring;
}

void try_sealed(const std::string& text) {
    const auto file = parse_sealed(text);
    if (!file)
        return;
    require(format(*file) == text);
    require(!open(*file, keys(), file->account).has_value());
    // With the id of the key that is there, so that the hash is what refuses it.
    auto claimed = *file;
    claimed.key_id = keys().current().id();
    require(!open(claimed, keys(), claimed.account).has_value());
}

void try_hand_over(const std::string& text) {
    const auto credentials = parse_hand_over(Secret(std::string(text)), account());
    if (!credentials)
        return;
    const auto again = parse_hand_over(hand_over_text(*credentials), account());
    require(again.has_value() && again->fields().size() == credentials->fields().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0)
        return 0;
    const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
    switch (data[0] % 4) {
        case 0: try_sealed(text); break;
        case 1: try_hand_over(text); break;
        case 2:
            if (const auto ring = KeyRing::parse(Secret(std::string(text))))
                require(KeyRing::parse(ring->text()).has_value());
            break;
        default:
            if (const auto all = parse_derivations(text))
                require(format(*all) == text);
    }
    return 0;
}
