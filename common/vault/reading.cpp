#include "common/vault/reading.hpp"

#include "common/vault/store.hpp"

namespace bullpen::vault {

Reading read_vault(const Home& home, KeySource source, KeyWish wish,
                   const std::vector<AccountId>& accounts) {
    Reading reading{std::move(source), wish, std::nullopt, {}};
    if (wish == KeyWish::given)
        reading.keys = KeyPipe::take(home);
    else if (wish == KeyWish::source)
        reading.keys = load_keys(reading.source);
    for (const auto& account : accounts) {
        reading.files.emplace(account, std::make_shared<const Result<std::optional<SealedFile>>>(
                                           load_newest(home, account)));
    }
    return reading;
}

}  // namespace bullpen::vault
