// Result<T>: what a call that may fail returns. Error: a code that a caller can branch on, and a
// chain of sentences for the person who reads it, innermost cause last.
//
// A new code is added only where some caller does something different for it; everything else is
// said in the context. The only file that names tl::.
#pragma once

#include <string>
#include <string_view>
#include <system_error>
#include <tl/expected.hpp>
#include <utility>

namespace bullpen {

class [[nodiscard]] Error {
  public:
    Error(std::error_code code, std::string context) : code_(code), context_(std::move(context)) {}
    explicit Error(std::error_code code) : code_(code) {}

    // The calling thread's errno as an error: `Error::from_errno("cannot open /x")`.
    static Error from_errno(std::string context);
    static Error from_errno(int number, std::string context);

    [[nodiscard]] const std::error_code& code() const { return code_; }
    [[nodiscard]] const std::string& context() const { return context_; }

    // Puts what the caller was doing in front: "reading the roster: cannot open ...".
    Error wrap(std::string_view doing) const;

    // The form that people read: the context, and behind it what the operating system said.
    [[nodiscard]] std::string message() const;

  private:
    std::error_code code_;
    std::string context_;
};

template <class T>
using Result = tl::expected<T, Error>;

using Unexpected = tl::unexpected<Error>;

inline Unexpected fail(Error error) {
    return Unexpected(std::move(error));
}
inline Unexpected fail(std::error_code code, std::string context) {
    return Unexpected(Error(code, std::move(context)));
}
inline Unexpected fail_errno(std::string context) {
    return Unexpected(Error::from_errno(std::move(context)));
}

}  // namespace bullpen

// Takes the value of a Result or returns its error from the calling function.
#define BULLPEN_CONCAT_(a, b) a##b
#define BULLPEN_CONCAT(a, b) BULLPEN_CONCAT_(a, b)
#define BULLPEN_TRY_(temporary, declaration, expression)      \
    auto temporary = (expression);                            \
    if (!temporary)                                           \
        return ::bullpen::fail(std::move(temporary).error()); \
    declaration = std::move(*temporary)
#define BULLPEN_TRY(declaration, expression) \
    BULLPEN_TRY_(BULLPEN_CONCAT(bullpen_result_, __LINE__), declaration, expression)
#define BULLPEN_CHECK(expression)                                      \
    do {                                                               \
        if (auto bullpen_status = (expression); !bullpen_status)       \
            return ::bullpen::fail(std::move(bullpen_status).error()); \
    } while (false)
