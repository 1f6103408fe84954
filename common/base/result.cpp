#include "common/base/result.hpp"

#include <cerrno>

#include "common/base/errc.hpp"

namespace bullpen {

Error Error::from_errno(std::string context) {
    return from_errno(errno, std::move(context));
}

Error Error::from_errno(int number, std::string context) {
    return {std::error_code(number, std::generic_category()), std::move(context)};
}

Error Error::wrap(std::string_view doing) const {
    std::string text(doing);
    if (!context_.empty()) {
        text += ": ";
        text += context_;
    }
    return {code_, std::move(text)};
}

std::string Error::message() const {
    if (context_.empty())
        return code_.message();
    // What the operating system says is news; the name of one of our own codes only says again, and
    // worse, what the sentence has said.
    if (code_.category() == make_error_code(Errc{}).category())
        return context_;
    return context_ + ": " + code_.message();
}

}  // namespace bullpen
