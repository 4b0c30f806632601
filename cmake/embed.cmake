# costdrift_embed(target file symbol): puts the bytes of a file of the source tree into the program, as
#   namespace costdrift::daemon::embedded { extern const std::string_view symbol; }
# which the header that uses it declares. The target is compiled again when the file changes.
set(COSTDRIFT_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_DIR}/embed_file.cmake)

function(costdrift_embed target file symbol)
  set(input ${PROJECT_SOURCE_DIR}/${file})
  set(output ${CMAKE_BINARY_DIR}/embedded/${symbol}.cc)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${input} -DOUTPUT=${output} -DSYMBOL=${symbol} -P ${COSTDRIFT_EMBED_SCRIPT}
    DEPENDS ${input} ${COSTDRIFT_EMBED_SCRIPT}
    COMMENT "Embedding ${file}"
    VERBATIM)
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
  target_sources(${target} PRIVATE ${output})
endfunction()
