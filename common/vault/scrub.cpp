#include "common/vault/scrub.hpp"

#include "common/vault/store.hpp"

namespace bullpen::vault {

namespace {

bool has_something(const LoadedFile& file) {
    return file && (!*file || file->value().has_value());
}

// False when there is something that does not open.
bool learn(log::Redactor& redactor, const LoadedFile& file, const KeyRing* keys,
           const AccountId& account) {
    if (!has_something(file))
        return true;
    if (!*file || keys == nullptr)
        return false;
    const auto credentials = open(***file, *keys, account);
    if (credentials)
        make_known(redactor, *credentials);
    return credentials.has_value();
}

}  // namespace

void make_known(log::Redactor& redactor, const Credentials& credentials) {
    for (const auto& field : credentials.fields())
        redactor.add(field.value.reveal());
}

void SealedHistory::take(LoadedFile file) {
    const bool same = now_ && file && *now_ && *file && **now_ == **file;
    if (!same && has_something(now_))
        earlier_.push_back(std::move(now_));
    if (earlier_.size() > k_earlier_max)
        earlier_.erase(earlier_.begin());
    now_ = std::move(file);
}

Scrub scrub_with(const Home& home, const AccountId& account, SealedHistory sealed,
                 std::shared_ptr<const KeyRing> keys) {
    return [home, account, sealed = std::move(sealed),
            keys = std::move(keys)](std::string text) -> std::optional<std::string> {
        auto earlier = sealed.earlier();
        earlier.push_back(std::make_shared<const Result<std::optional<SealedFile>>>(
            load_previous(home, account)));
        log::Redactor redactor;
        bool open = learn(redactor, sealed.now(), keys.get(), account);
        // One that was sealed by a key before this one has the values of the one after it.
        for (const auto& file : earlier)
            open = (learn(redactor, file, keys.get(), account) || keys != nullptr) && open;
        if (!open)
            return std::nullopt;
        return redactor.hide_known(std::move(text));
    };
}

}  // namespace bullpen::vault
