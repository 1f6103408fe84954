// Redactor: the filter every log line passes, so that no secret reaches a disk: values of fields
// whose key speaks of a secret, the same in free text ("password=...", "Authorization: Bearer
// ..."), and every known secret value wherever it occurs. It is the last net, not the first:
// secrets are not to be logged at all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/base/secret.hpp"

namespace bullpen::log {

class Redactor {
  public:
    static constexpr std::string_view k_mask = "[redacted]";
    // A shorter value would hide ordinary words.
    static constexpr std::size_t k_secret_length_min = 4;

    // From now on `value` is masked wherever it occurs.
    void add(std::string_view value);

    // Whether the value of a field of this name is a secret: token, password, secret,
    // authorization, api_key and the like, in any case, alone or as a part of the name.
    [[nodiscard]] static bool is_secret_key(std::string_view key);
    // `text` without known secrets and without the values of secret keys in it.
    [[nodiscard]] std::string clean(std::string_view text) const;
    // `text` without known secrets, as they are and as JSON writes them.
    [[nodiscard]] std::string hide_known(std::string text) const;

  private:
    std::vector<Secret> values_;
};

}  // namespace bullpen::log
