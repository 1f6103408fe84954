#include "worker/token_watch.hpp"

#include <algorithm>

namespace bullpen::worker {

TokenWatch::TokenWatch(const vault::Credentials& credentials, UtcTime now) : began_(now) {
    for (const auto& field : credentials.fields()) {
        if (!field.expires || (ends_ && *ends_ <= *field.expires))
            continue;
        ends_ = field.expires;
        field_ = field.name;
    }
}

std::optional<ipc::LimitUse> TokenWatch::use(UtcTime now) const {
    if (!ends_)
        return std::nullopt;
    const auto seconds = [](Nanos span) {
        return std::max<std::int64_t>(
            0, std::chrono::duration_cast<std::chrono::seconds>(span).count());
    };
    return ipc::LimitUse{field_, "seconds", seconds(now - began_), seconds(*ends_ - began_)};
}

}  // namespace bullpen::worker
