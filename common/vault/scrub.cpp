#include "common/vault/scrub.hpp"

namespace bullpen::vault {

void make_known(log::Redactor& redactor, const Credentials& credentials) {
    for (const auto& field : credentials.fields())
        redactor.add(field.value.reveal());
}

Scrub scrub_with(const AccountId& account, LoadedFile file, std::shared_ptr<const KeyRing> keys) {
    return [account, file = std::move(file), keys = std::move(keys)](std::string text) {
        log::Redactor redactor;
        if (file && *file && **file && keys) {
            if (const auto credentials = open(***file, *keys, account))
                make_known(redactor, *credentials);
        }
        return redactor.hide_known(std::move(text));
    };
}

}  // namespace bullpen::vault
