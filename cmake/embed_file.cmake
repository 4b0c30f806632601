# cmake -DINPUT=file -DOUTPUT=file.cc -DSYMBOL=name -P embed_file.cmake (see embed.cmake)
#
# An array of characters, not a string literal: literals are limited to 65,536 characters.
file(READ ${INPUT} bytes HEX)
string(LENGTH "${bytes}" digits)
math(EXPR size "${digits} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "'\\\\x\\1'," bytes "${bytes}")
file(WRITE ${OUTPUT} "#include <string_view>

namespace costdrift::daemon::embedded {

namespace {
// The closing zero keeps the array of an empty file legal.
constexpr char kBytes[] = {
${bytes}
'\\0'};
}  // namespace

extern const std::string_view ${SYMBOL};
constinit const std::string_view ${SYMBOL}(kBytes, ${size});

}  // namespace costdrift::daemon::embedded
")
